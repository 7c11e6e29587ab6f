import { onTestFinished } from 'vitest';
import { isObject, type Json, parseJson, printJson } from '../../src/lib/json.ts';
import { startApi } from './api.ts';
import { temporaryEngine } from './collection.ts';
import { fakeAnki, type Behaviour } from './fake-anki.ts';

/** Actions that Anki-Connect got after 2023. */
export const newer: readonly string[] = [
  'canAddNoteWithErrorDetail',
  'canAddNotesWithErrorDetail',
  'findModelsById',
  'findModelsByName',
  'getActiveProfile',
  'guiAddNoteSetData',
  'guiPlayAudio',
  'guiSelectCard',
  'guiSelectNote',
  'notesModTime',
  'setDueDate',
  'updateNoteModel',
];

const refuses = (error: string): string => JSON.stringify({ result: null, error });

const newMembers: Readonly<Record<string, readonly string[]>> = {
  notesInfo: ['profile', 'mod'],
  cardsInfo: ['nextReviews', 'flags'],
};

/** Removes the result fields that did not exist in 2023. */
function asOfOld(action: string, text: string): string {
  const dropped = newMembers[action];
  const reply = parseJson(text);
  if (!dropped || !isObject(reply) || !Array.isArray(reply['result'])) return text;
  const old = (item: Json): Json =>
    isObject(item)
      ? Object.fromEntries(Object.entries(item).filter(([name]) => !dropped.includes(name)))
      : item;
  return printJson({ ...reply, result: reply['result'].map(old) }, 'digits');
}

/** Serves a collection like the Anki-Connect of 2023, without the actions in `lacks`. Closed at the end of the test. */
export async function oldAddOn(...lacks: readonly string[]): Promise<{ url: string }> {
  const { engine, close } = temporaryEngine();
  const api = await startApi(engine);
  const missing = new Set([...newer, ...lacks]);
  const answer = async (request: Json): Promise<string> => {
    if (!isObject(request)) return api.ask(printJson(request, 'digits'));
    const { action, params } = request;
    if (missing.has(String(action))) return refuses('unsupported action');
    if (action === 'notesInfo' && isObject(params) && 'query' in params)
      return refuses("AnkiConnect.notesInfo() got an unexpected keyword argument 'query'");
    if (action === 'guiBrowse' && isObject(params) && 'reorderCards' in params)
      return refuses("AnkiConnect.guiBrowse() got an unexpected keyword argument 'reorderCards'");
    if (action === 'multi' && isObject(params) && Array.isArray(params['actions'])) {
      const replies: string[] = [];
      for (const child of params['actions']) replies.push(await answer(child));
      return `{"result": [${replies.join(', ')}], "error": null}`;
    }
    return asOfOld(String(action), await api.ask(printJson(request, 'digits')));
  };
  const relay: Behaviour = async (socket, request) => {
    const text = await answer(parseJson((await request()).body));
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const anki = await fakeAnki(relay);
  onTestFinished(async () => {
    await anki.close();
    await api.close();
    await close();
  });
  return { url: anki.url };
}
