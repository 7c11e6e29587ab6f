import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActionName, Output, Params } from '../../../src/contract/index.ts';
import { typedCall, capabilitiesOf, type Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { OutcomeUnknown } from '../../../src/contract/errors.ts';
import { mediaPolicy, type MediaPolicy } from '../../../src/tools/media/media-policy.ts';
import { runTool } from '../../../src/tools/tool.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { desktop } from '../../support/desktop.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Json } from '../../../src/lib/json.ts';

let engine: Engine;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ engine, close } = temporaryEngine());
  await engine.call('createDeck', { deck: 'German::Verbs' });
});
afterEach(() => close());

/** A backend that records its requests. Each call is one request, as on the desktop. */
class Watched implements Backend {
  readonly kind = 'anki-connect';
  readonly capabilities = capabilitiesOf[this.kind];
  readonly place = 'here';
  readonly requests: string[] = [];
  readonly #backend: Backend;
  readonly #intercept: (name: ActionName, params: Json, sent: () => Promise<unknown>) => Promise<unknown>;

  constructor(
    backend: Backend,
    intercept: (name: ActionName, params: Json, sent: () => Promise<unknown>) => Promise<unknown> = (
      _name,
      _params,
      sent,
    ) => sent(),
  ) {
    this.#backend = backend;
    this.#intercept = intercept;
  }

  readonly call = typedCall(this);

  async request<N extends ActionName>(name: N, params: Params<N>): Promise<Output<N>> {
    const text = JSON.stringify(params);
    const children = [...text.matchAll(/"action":"(\w+)"/g)].map(([, action]) => action);
    this.requests.push(name === 'multi' ? [...new Set(children)].join('+') : name);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to this call
    return (await this.#intercept(name, params, () => this.#backend.request(name, params))) as Output<N>;
  }

  close = async () => {};
}

interface Note {
  readonly outcome: string;
  readonly id?: number;
  readonly why?: string;
  readonly sameAs?: string;
  readonly warnings?: string[];
  readonly html?: Record<string, string>;
  readonly at?: string;
}

interface Saved {
  readonly notes: Note[];
  readonly ids?: (number | null)[];
  readonly created?: number;
  readonly dryRun?: string;
  readonly decksMade?: string[];
}

async function save(args: object, backend: Backend = engine, media?: MediaPolicy): Promise<Saved> {
  const names = new Set(['saveNotes']);
  const answer = await runTool({ backend, names, name: 'saveNotes', args, media });
  if (!('result' in answer)) throw new Error('no result');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of saveNotes
  return answer.result as unknown as Saved;
}

const basic = { deckName: 'German::Verbs', modelName: 'Basic' };
const card = (Front: string, Back = 'x', more: object = {}) => ({ fields: { Front, Back }, ...more });

const one = async (note: object, more: object = {}): Promise<Note> => {
  const { notes } = await save({ ...basic, notes: [note], ...more });
  const [saved] = notes;
  if (!saved || notes.length !== 1) throw new Error(JSON.stringify(notes));
  return saved;
};

const fieldsOf = async (id: number | undefined) => {
  const [note] = await engine.call('notesInfo', { notes: [id ?? 0] });
  return Object.fromEntries(Object.entries(note?.fields ?? {}).map(([name, { value }]) => [name, value]));
};

const count = async () => (await engine.call('findNotes', { query: '' })).length;

test('creates a note, then finds it unchanged, updates it, and finds it as a duplicate', async () => {
  const created = await one({ ...card('gehen', 'to go'), tags: ['verb'] });
  expect(created.outcome).toBe('created');
  const { id } = created;
  expect(await one({ id, fields: { back: 'to go' } })).toEqual({ outcome: 'unchanged', id });
  expect(await one({ id, fields: { back: 'to walk' }, tags: ['Verb', 'a1'] })).toEqual({
    outcome: 'updated',
    id,
  });
  expect(await fieldsOf(id)).toEqual({ Front: 'gehen', Back: 'to walk' });
  expect(await one({ id, tags: ['a1', 'VERB'] })).toEqual({ outcome: 'unchanged', id });
  expect(await one(card('<b>gehen</b>', 'other'))).toMatchObject({ outcome: 'duplicate', id });
  expect(await count()).toBe(1);
});

test('onDuplicate: update changes the existing note and keeps its tags; add adds another', async () => {
  const { id } = await one({ ...card('gehen', 'to go'), tags: ['leech'] });
  const again = { ...card('gehen', 'to walk'), tags: ['new'] };
  expect(await one(again, { onDuplicate: 'update' })).toEqual({ outcome: 'updated', id });
  expect(await engine.call('getNoteTags', { note: id ?? 0 })).toEqual(['leech', 'new']);
  expect(await fieldsOf(id)).toEqual({ Front: 'gehen', Back: 'to walk' });
  expect(await one(again, { onDuplicate: 'update' })).toEqual({ outcome: 'unchanged', id });
  const other = await one(again, { onDuplicate: 'add' });
  expect(other.outcome).toBe('created');
  expect(other.id).not.toBe(id);
  const twice = await one(again);
  expect(twice).toMatchObject({ outcome: 'duplicate', id, warnings: [`also the same: ${other.id}`] });
});

test.each([
  'say "hi"',
  'back\\slash',
  'st*r',
  'under_score',
  'co:lon (x) or y',
  '-minus',
  'a &amp; b',
  "it's, x",
  '{{x}}',
  'new\nline',
  'tab\there',
  'cr\r\nlf',
  '<img src="a.jpg">',
  '日本',
  'e\u0301',
  're:x.*',
])('finds a duplicate with special characters: %j', async (front) => {
  const [similar, note] = (await save({ ...basic, notes: [card('starr'), card(front)] })).notes;
  expect([similar?.outcome, note?.outcome]).toEqual(['created', 'created']);
  expect(await one(card(front, 'y'))).toMatchObject({ outcome: 'duplicate', id: note?.id });
});

test('finds duplicates within the call, including those of notes that it updates', async () => {
  const { id } = await one(card('gehen'));
  const notes = [
    card('sehen', 'see'),
    card('<i>sehen</i>', 'saw'),
    { id, fields: { Back: 'changed' } },
    card('gehen', 'other'),
    { id, fields: { Back: 'third' } },
  ];
  const saved = await save({ ...basic, notes, onDuplicate: 'update' });
  expect(saved.notes).toMatchObject([
    { outcome: 'created' },
    { outcome: 'duplicate', sameAs: 'notes[0]', id: saved.notes[0]?.id },
    { outcome: 'updated', id },
    { outcome: 'duplicate', sameAs: 'notes[2]', id },
    { outcome: 'invalid', why: 'notes[2] has the same id.' },
  ]);
  expect(await fieldsOf(id)).toMatchObject({ Back: 'changed' });
});

test.each([
  [{ fields: { Fornt: 'x' } }, 'Note type "Basic" has no field "Fornt". Did you mean "Front"?'],
  [{ fields: { Front: 'a', front: 'b' } }, 'The field "Front" was passed twice.'],
  [card('<br>&nbsp;'), 'The first field, "Front", is empty.'],
  [{ fields: { Back: 'x' } }, 'The first field, "Front", is empty.'],
  [card('{{c1::x}}'), '"Front" has a cloze deletion, but Basic is not a cloze type.'],
  [
    { modelName: 'Cloze', fields: { Text: 'none' } },
    'Cloze is a cloze type and needs a deletion, {{c1::…}}, in Text.',
  ],
  [{ modelName: 'Cloze', fields: { Text: '{{c0::x}}' } }, 'Cloze is a cloze type and needs a deletion'],
  [
    { modelName: 'Cloze', fields: { Text: '{{c1::x}}', 'Back Extra': '{{c2::y}}' } },
    '"Back Extra" has a cloze deletion, but Cloze looks for them in Text.',
  ],
  [{ ...card('a'), modelName: 'Basik' }, 'Note type "Basik" does not exist. Did you mean "Basic"?'],
  [
    { ...card('a'), deckName: 'German::Verb' },
    'Deck "German::Verb" does not exist. Did you mean "German::Verbs"?',
  ],
  [{ id: 12345, fields: { Front: 'x' } }, 'Note 12345 cannot be updated: no such note.'],
  [{}, 'A new note needs fields.'],
  [{ ...card('a'), media: [{ field: 'Bakc', filename: 'a.png', data: 'AAAA' }] }, 'Did you mean "Back"?'],
])('refuses %j as invalid and writes nothing', async (note, why) => {
  const watched = new Watched(engine);
  const { notes } = await save({ ...basic, notes: [note] }, watched);
  expect(notes[0]).toMatchObject({ outcome: 'invalid', why: expect.stringContaining(why) });
  expect(watched.requests.join()).not.toMatch(/add|update|store|create/);
  expect(await count()).toBe(0);
});

test('refuses a note whose front templates would all be blank', async () => {
  const cardTemplates = [
    { Name: 'A', Front: '{{#Ask}}{{Word}}{{/Ask}}', Back: '{{Word}}' },
    { Name: 'B', Front: '{{^Ask}}{{Other}}{{/Ask}}', Back: '{{Word}}' },
  ];
  await engine.call('createModel', {
    modelName: 'Odd',
    inOrderFields: ['Word', 'Ask', 'Other'],
    cardTemplates,
  });
  const odd = (fields: object) => one({ fields, modelName: 'Odd' });
  expect(await odd({ Word: 'a' })).toMatchObject({
    outcome: 'invalid',
    why: 'It would have no card: no front template of Odd shows Word.',
  });
  expect((await odd({ Word: 'a', Ask: 'y', Other: 'z' })).outcome).toBe('created');
  expect((await odd({ Word: 'b', Other: 'z' })).outcome).toBe('created');
});

test('ignores the case of names, and refuses an update that would make a note invalid', async () => {
  const saved = await save({
    deckName: ' german :: verbs ',
    modelName: 'CLOZE',
    notes: [{ fields: { text: '{{c1::x}}' } }],
  });
  const [note] = saved.notes;
  expect(note?.outcome).toBe('created');
  const faulty = { id: note?.id, fields: { Text: 'no deletion' } };
  expect((await save({ notes: [faulty] })).notes[0]).toMatchObject({ outcome: 'invalid' });
  const asked = { id: note?.id, modelName: 'Basic', fields: { Text: 'x' } };
  expect((await save({ notes: [asked] })).notes[0]?.why).toContain('updateNoteModel');
});

test('warns about probable mistakes, and saves the note', async () => {
  expect(await one({ ...card('<b>x', 'a\nb'), tags: ['two words'] })).toMatchObject({
    outcome: 'created',
    warnings: [
      'Front: <b> not closed',
      'Back: line breaks show only as <br>, or with markdown: true',
      '"two words" makes more than one tag',
    ],
  });
});

test('createDecks creates missing decks', async () => {
  const { notes, decksMade } = await save({
    ...basic,
    createDecks: true,
    notes: [card('a', 'x', { deckName: 'New::One' }), card('b', 'x', { deckName: 'New::One' })],
  });
  expect(notes.map(({ outcome }) => outcome)).toEqual(['created', 'created']);
  expect(decksMade).toEqual(['New::One']);
  expect(await engine.call('findNotes', { query: '"deck:New::One"' })).toHaveLength(2);
});

test('refuses new notes for a filtered deck', async () => {
  const filtered = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    const { actions = [] }: { actions?: { action: string }[] } = JSON.parse(JSON.stringify(params));
    return Array.isArray(answer) && actions.some(({ action }) => action === 'getDeckConfig')
      ? answer.map((reply, at) =>
          actions[at]?.action === 'getDeckConfig' ? { result: { name: 'x', dyn: 1 }, error: null } : reply,
        )
      : answer;
  });
  const { notes } = await save({ ...basic, notes: [card('a')] }, filtered);
  expect(notes).toMatchObject([{ outcome: 'invalid', why: expect.stringContaining('is a filtered deck') }]);
});

test('dryRun returns the outcomes and changes nothing', async () => {
  const { id } = await one(card('gehen'));
  const before = await engine.call('notesInfo', { query: '' });
  const { notes, dryRun } = await save({
    ...basic,
    dryRun: true,
    createDecks: true,
    onDuplicate: 'update',
    notes: [
      card('neu', '$x$', { deckName: 'Unmade', media: [{ field: 'Back', filename: 'a.png', data: png }] }),
      card('gehen', 'changed'),
      { id, fields: { Front: '' } },
    ],
  });
  expect(dryRun).toContain('Nothing was changed');
  expect(notes).toMatchObject([
    { outcome: 'created', html: { Back: '\\(x\\)' } },
    { outcome: 'updated', id },
    { outcome: 'invalid' },
  ]);
  expect(await engine.call('notesInfo', { query: '' })).toEqual(before);
  expect(await engine.call('deckNames', {})).not.toContain('Unmade');
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const mp3 = Buffer.from('ID3\x04 a song').toString('base64');

test('stores media and shows them under their stored names, even in an otherwise empty first field', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'b.png'), Buffer.from(png, 'base64'));
  await engine.call('storeMediaFile', {
    filename: 'song.mp3',
    data: Buffer.from('other').toString('base64'),
  });
  const media = [
    { field: 'front', filename: 'Map & "x".PNG', data: png },
    { field: 'Back', filename: 'song.mp3', data: mp3 },
    { field: 'Back', filename: 'b.png', path: join(folder, 'b.png') },
  ];
  const note = { fields: { Back: 'b' }, media };
  const policy = { ...mediaPolicy([folder], capabilitiesOf.engine) };
  const saved = await save({ ...basic, notes: [note] }, engine, policy);
  expect(saved.notes).toMatchObject([{ outcome: 'created' }]);
  const renamed = `song-${createHash('sha1').update(Buffer.from(mp3, 'base64')).digest('hex')}.mp3`;
  expect(await fieldsOf(saved.notes[0]?.id)).toEqual({
    Front: '<img src="map &amp; x.png">',
    Back: `b[sound:${renamed}]<img src="b.png">`,
  });
  const again = { id: saved.notes[0]?.id, media };
  expect((await save({ notes: [again] }, engine, policy)).notes).toMatchObject([{ outcome: 'unchanged' }]);
  expect((await save({ ...basic, notes: [card('c', 'c', { media })] })).notes).toMatchObject([
    { outcome: 'invalid', why: expect.stringContaining('--media-dir') },
  ]);
  expect(await engine.call('findNotes', { query: 'front:c' })).toEqual([]);
});

test('does not store media of a duplicate', async () => {
  await one(card('a'));
  await one(card('a', 'x', { media: [{ field: 'Back', filename: 'm.png', data: png }] }));
  expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
});

test.each([false, true])(
  'converts math, and Markdown if markdown is %s, to what Anki reads',
  async (markdown) => {
    const [note] = (
      await save({
        markdown,
        deckName: 'Default',
        modelName: 'Cloze',
        notes: [
          { fields: { Text: 'Costs $5 and $10: {{c1::$\\frac{1}{x^{2}}$}}', 'Back Extra': '**a**\n`$b$`' } },
        ],
      })
    ).notes;
    expect(note?.outcome).toBe('created');
    expect(await fieldsOf(note?.id)).toEqual({
      Text: 'Costs $5 and $10: {{c1::\\(\\frac{1}{x^{2} }\\)}}',
      'Back Extra': markdown ? '<strong>a</strong><br><code>$b$</code>' : '**a**\n`$b$`',
    });
  },
);

/** Returns 100 notes: 45 new, 20 duplicates, 20 updates and 15 invalid ones. */
async function hundred() {
  const old = Array.from({ length: 20 }, (_, at) => card(`old ${at}`, 'b'));
  const there = (await save({ ...basic, notes: old })).notes.map(({ id }) => id);
  const notes = [
    ...Array.from({ length: 40 }, (_, at) => card(`new ${at}`)),
    ...Array.from({ length: 10 }, (_, at) => card(`old ${at}`, 'other')),
    ...Array.from({ length: 10 }, (_, at) => card(`new ${at}`, 'other')),
    ...Array.from({ length: 20 }, (_, at) => ({ id: there[at], fields: { Back: `changed ${at}` } })),
    ...Array.from({ length: 5 }, () => card('')),
    ...Array.from({ length: 5 }, () => ({ fields: { Fornt: 'x' } })),
    ...Array.from({ length: 5 }, (_, at) => card(`deck ${at}`, 'x', { deckName: 'No' })),
    ...Array.from({ length: 5 }, (_, at) => card(`also ${at}`)),
  ];
  const outcomes = [
    ...Array.from({ length: 40 }, () => 'created'),
    ...Array.from({ length: 20 }, () => 'duplicate'),
    ...Array.from({ length: 20 }, () => 'updated'),
    ...Array.from({ length: 15 }, () => 'invalid'),
    ...Array.from({ length: 5 }, () => 'created'),
  ];
  return { notes, outcomes, there };
}

test('saves 100 notes, some duplicate or invalid, with 4 requests', async () => {
  const { notes, outcomes, there } = await hundred();
  const watched = new Watched(engine);
  const saved = await save({ ...basic, notes }, watched);
  expect(saved.notes.map(({ outcome }) => outcome)).toEqual(outcomes);
  expect(saved.notes.slice(40, 50).map(({ id }) => id)).toEqual(there.slice(0, 10));
  expect(saved.notes.slice(50, 60).map(({ id }) => id)).toEqual(saved.notes.slice(0, 10).map(({ id }) => id));
  expect(watched.requests).toEqual([
    'deckNames+modelNames+findModelsByName+notesInfo',
    'findNotes+getDeckConfig',
    'addNotes+updateNote',
    'notesInfo',
  ]);
  expect(await count()).toBe(65);
  const fresh = await fieldsOf(saved.notes[7]?.id);
  expect(fresh).toEqual({ Front: 'new 7', Back: 'x' });
  expect(await fieldsOf(there[19])).toEqual({ Front: 'old 19', Back: 'changed 19' });
});

test('saves 100 notes over HTTP, with media and a new deck, with 5 requests', async () => {
  const { notes, outcomes } = await hundred();
  const anki = await desktop(engine);
  const allNotes = [
    ...notes,
    card('pic', 'x', { deckName: 'Fresh', media: [{ field: 'Back', filename: 'p.png', data: png }] }),
  ];
  const saved = await save({ ...basic, notes: allNotes, createDecks: true }, anki.backend);
  // createDecks also creates the missing deck of the other notes.
  const expected = [...outcomes.slice(0, 90), ...Array.from({ length: 11 }, () => 'created')];
  expect(saved.notes.map(({ outcome }) => outcome)).toEqual(expected);
  expect(anki.requests).toHaveLength(5);
  await anki.close();
});

test('saves 500 notes and reports them within the budget', async () => {
  const notes = Array.from({ length: 500 }, (_, at) => (at % 100 === 7 ? card('') : card(`n ${at}`)));
  const saved = await save({ ...basic, notes });
  expect(saved.created).toBe(495);
  expect(saved.ids).toHaveLength(500);
  expect(saved.ids?.[7]).toBeNull();
  expect(saved.notes).toMatchObject([
    { outcome: 'created' },
    { outcome: 'invalid', at: '7, 107, 207, 307, 407' },
  ]);
  expect(JSON.stringify(saved).length).toBeLessThan(16_000);
  await expect(save({ ...basic, notes: [...notes, card('x')] })).rejects.toThrow('notes');
});

test('if Anki refuses all notes because of one, sends the others separately and none twice', async () => {
  let added = 0;
  const racing = new Watched(engine, async (_name, params, sent) => {
    const isAdding = JSON.stringify(params).includes('"addNotes"');
    // Somebody adds the same note just before.
    if (isAdding) await engine.call('addNote', { note: { ...basic, fields: { Front: 'b', Back: 'mine' } } });
    if (isAdding || JSON.stringify(params).includes('"addNote"')) added++;
    return sent();
  });
  const { notes } = await save({ ...basic, notes: [card('a'), card('b'), card('c')] }, racing);
  const [mine] = await engine.call('findNotes', { query: 'back:mine' });
  expect(notes).toMatchObject([
    { outcome: 'created' },
    { outcome: 'duplicate', id: mine },
    { outcome: 'created' },
  ]);
  expect(added).toBe(2);
  expect(await count()).toBe(3);
});

test('after a lost reply the outcome is unknown, nothing is repeated, and dryRun shows what was saved', async () => {
  const { id } = await one(card('old'));
  let writes = 0;
  const losing = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (!JSON.stringify(params).includes('addNotes')) return answer;
    writes++;
    throw new OutcomeUnknown('multi may or may not have been carried out');
  });
  const args = { ...basic, notes: [card('a'), { id, fields: { Back: 'changed' } }, card('')] };
  const { notes } = await save(args, losing);
  expect(notes).toMatchObject([
    { outcome: 'unknown', why: expect.stringContaining('dryRun') },
    { outcome: 'unknown', id },
    { outcome: 'invalid' },
  ]);
  expect(writes).toBe(1);
  expect((await save({ ...args, dryRun: true })).notes).toMatchObject([
    { outcome: 'duplicate' },
    { outcome: 'unchanged' },
    { outcome: 'invalid' },
  ]);
});

test("a note that Anki's browser overwrites is unverified", async () => {
  const { id } = await one(card('a', 'old'));
  const browser = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (JSON.stringify(params).includes('updateNote')) {
      await engine.call('updateNoteFields', { note: { id: id ?? 0, fields: { Back: 'old' } } });
    }
    return answer;
  });
  const { notes } = await save({ notes: [{ id, fields: { Back: 'new' } }] }, browser);
  expect(notes).toMatchObject([{ outcome: 'unverified', why: expect.stringMatching(/Back.*browser/) }]);
});

test('a note whose tags Anki changes back is unverified', async () => {
  const { id } = await one({ ...card('a', 'old'), tags: ['before'] });
  const browser = new Watched(engine, async (_name, params, sent) => {
    const answer = await sent();
    if (JSON.stringify(params).includes('updateNote'))
      await engine.call('updateNoteTags', { note: id ?? 0, tags: ['before'] });
    return answer;
  });
  const { notes } = await save({ notes: [{ id, tags: ['after'] }] }, browser);
  expect(notes).toMatchObject([{ outcome: 'unverified', id, why: expect.stringContaining('the tags') }]);
  expect((await save({ notes: [{ id, tags: ['after'] }] })).notes).toEqual([{ outcome: 'updated', id }]);
});

test('a note that cannot be read back is unverified and has its id', async () => {
  const blind = new Watched(engine, (_name, params, sent) => {
    const text = JSON.stringify(params);
    return text.includes('notesInfo') && !text.includes('"notes":[]')
      ? Promise.reject(new Error('gone'))
      : sent();
  });
  const { notes } = await save({ ...basic, notes: [card('a')] }, blind);
  expect(notes[0]).toMatchObject({ outcome: 'unverified', why: expect.stringContaining('gone') });
  expect(notes[0]?.id).toBeTypeOf('number');
});

test('verifies unusual content as Anki stores it', async () => {
  const odd = [
    'e\u0301',
    'a\r\nb',
    'a\u00a0b',
    '\u200bz',
    '<DIV>x</div>',
    '&lt;x',
    'x\u0001y',
    '😀',
    '  x  ',
  ];
  const tags = ['a::', '::b', 'é', 'e\u0301', 'Two words', 'q\'u"o,te'];
  const { notes } = await save({
    ...basic,
    notes: odd.map((text, at) => card(`${at}${text}`, text, { tags })),
  });
  expect(notes.map(({ outcome }) => outcome)).toEqual(odd.map(() => 'created'));
});

test('a note without cards does not prevent others from being saved', async () => {
  const { id } = await one(card('bare'));
  const { id: other } = await one(card('good'));
  await engine.call('modelTemplateAdd', {
    modelName: 'Basic',
    template: { Name: 'T', Front: '{{Back}}', Back: 'x' },
  });
  await engine.call('updateNoteFields', { note: { id: id ?? 0, fields: { Back: '' } } });
  await engine.call('modelTemplateRemove', { modelName: 'Basic', templateName: 'Card 1' });
  const { notes } = await save({
    notes: [
      { id, fields: { Back: 'y' } },
      { id: other, fields: { Back: 'y' } },
    ],
  });
  expect(notes[1]).toEqual({ outcome: 'updated', id: other });
});
