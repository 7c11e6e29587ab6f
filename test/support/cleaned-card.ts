import type { Context } from '../../src/tools/workflow.ts';
import { contextOf } from '../../src/tools/context.ts';
import { cardSide } from '../../src/tools/card-html/card.ts';
import { backendDouble } from './backend-double.ts';

/** Returns a context whose media folder has these files, in base64. */
const contextWith = (files: Readonly<Record<string, string>>): Context => ({
  ...contextOf({
    backend: backendDouble(async (name) => Promise.reject(new Error(`${name} is not answered`))),
  }),
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reply to retrieveMediaFile, the only action here
  call: async (_name, params) => (files[String(Object(params)['filename'])] ?? false) as never,
});

/** Returns the question of a card with this HTML as a panel gets it. */
export async function cleaned(
  question: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const card = { question, answer: '', fields: {}, fieldOrder: 0, modelName: 'Basic' };
  return (await cardSide(contextWith(files), card, 'question')).html;
}
