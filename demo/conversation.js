// A conversation between a user, an assistant and the built server, on a real collection: what the demo prints and draws.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** @typedef {{ who: 'You' | 'Assistant' | 'Anki asks' | 'tool', text: string, ms?: number }} Line */

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const deck = 'Capitals';

/** @param {unknown} condition @param {string} expectation */
function check(condition, expectation) {
  if (!condition) throw new Error(`The demo failed. Expected: ${expectation}`);
}

/** @param {string} text */
const inOneLine = (text) =>
  text
    .replace(/[\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

/** Plays the conversation, and passes each line on. @param {(line: Line) => void} say */
export async function converse(say) {
  const folder = await mkdtemp(join(tmpdir(), 'ankiwright-demo-'));
  const client = new Client({ name: 'demo', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    say({ who: 'Anki asks', text: inOneLine(params.message) });
    say({ who: 'You', text: 'Yes.' });
    return { action: 'accept', content: {} };
  });

  /** @param {string} name @param {Record<string, unknown>} args @returns {Promise<any>} */
  const call = async (name, args = {}) => {
    const start = performance.now();
    const reply = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
    const text = reply.content
      .map((part) => (part.type === 'text' ? part.text : `(${part.type})`))
      .join('\n');
    check(!reply.isError, `${name} succeeds; got: ${text}`);
    const shown = Object.entries(args).map(([key, value]) =>
      Array.isArray(value) ? `${key}: [${value.length}]` : `${key}: ${JSON.stringify(value)}`,
    );
    const ms = performance.now() - start;
    say({ who: 'tool', text: inOneLine(`${name} ${shown.join(', ')}`), ms });
    return { text, ...reply.structuredContent };
  };

  try {
    const args = [main, '--collection', join(folder, 'collection.anki2')];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'inherit' }));

    say({ who: 'You', text: 'Make cards for the capitals of Peru, Austria and Chile, in a new deck.' });
    await call('overview');
    const notes = [
      { fields: { Front: 'Capital of Peru?', Back: 'Lima' } },
      { fields: { Front: 'Capital of Austria?', Back: 'Vienna' } },
      { fields: { Front: 'Capital of Peru?', Back: 'Lima' } },
      { modelName: 'Cloze', fields: { Text: 'The capital of Chile is {{c1:Santiago}}.' } },
    ];
    const saved = (await call('saveNotes', { notes, deckName: deck, modelName: 'Basic', createDecks: true }))
      .result;
    const [repeated, invalid] = saved.notes;
    check(saved.created === 2 && repeated && invalid, 'two notes created, one repeated, one invalid');
    say({
      who: 'Assistant',
      text: `2 notes saved. One was twice in the list, and one had a mistake: ${inOneLine(invalid.why)}`,
    });
    const corrected = [{ fields: { Text: 'The capital of Chile is {{c1::Santiago}}.' } }];
    const second = (await call('saveNotes', { notes: corrected, deckName: deck, modelName: 'Cloze' })).result;
    check(second.created === 1, 'the corrected note is created');
    const { text: cards } = await call('viewCards', { query: `deck:${deck}` });
    check(cards.includes('Vienna'), 'the cards are shown with their answers');

    say({ who: 'You', text: 'Quiz me.' });
    const first = (await call('study', { action: 'start', deck })).result;
    say({ who: 'Assistant', text: first.question });
    say({ who: 'You', text: 'Lima!' });
    const revealed = (await call('study', { action: 'reveal' })).result;
    check(revealed.answer.includes('Lima'), 'the answer is Lima');
    say({ who: 'Assistant', text: `Right: ${inOneLine(revealed.answer)}. How well did you know it?` });
    say({ who: 'You', text: 'Good.' });
    const next = (await call('study', { action: 'rate', rating: 3 })).result;
    say({ who: 'Assistant', text: next.question });

    say({ who: 'You', text: 'Stop. Delete the deck, I know them all.' });
    await call('study', { action: 'stop' });
    const deleted = await call('deleteDecks', { decks: [deck], cardsToo: true });
    check(deleted.text.includes('Backup: '), 'a backup was made');
    say({ who: 'Assistant', text: `${deleted.summary} A backup was made before.` });

    say({ who: 'You', text: 'That was a mistake. Bring it back!' });
    const undone = await call('guiUndo');
    say({ who: 'Assistant', text: undone.summary });
    const back = (await call('searchNotes', { query: `deck:${deck}` })).result;
    check(back.length === 3, 'three notes are back');
    const { total } = await call('backups', { action: 'list' });
    check(total !== 0, 'the backup is listed');
    say({
      who: 'Assistant',
      text: 'All 3 notes are back, with your review of today. The backup stays, too.',
    });
  } finally {
    await client.close();
    await rm(folder, { recursive: true, force: true });
  }
}
