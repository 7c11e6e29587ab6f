import { access } from 'node:fs/promises';
import type { Collection } from './collection.ts';
import { EngineError } from '../process/engine-error.ts';
import type { Response } from '../process/rpc.ts';

type Nodes = Response<'render_existing_card'>['questionNodes'];

export interface CardText {
  readonly question: string;
  readonly answer: string;
}

/** Both sides of a card as HTML, each with its style in front; of a broken template, what is wrong with it. */
export async function cardText(collection: Collection, cardId: bigint): Promise<CardText> {
  try {
    // The engine would fill in FrontSide too, but number the sounds in it as those of the answer.
    const request = { cardId, browser: false, partialRender: true };
    const { questionNodes, answerNodes, css, latexSvg } = await collection.call(
      'render_existing_card',
      request,
    );
    const question = await withAudio(collection, join(questionNodes), true);
    const answer = await withAudio(collection, join(answerNodes, question), false);
    const [front, back] = await Promise.all(
      [question, answer].map((text) => withLatex(collection, text, latexSvg)),
    );
    return { question: `<style>${css}</style>${front}`, answer: `<style>${css}</style>${back}` };
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind !== 'TEMPLATE_PARSE') throw error;
    const text = `<style></style>${error.message}`;
    return { question: text, answer: text };
  }
}

/** Filters that nobody knows change nothing. */
const join = (nodes: Nodes, frontSide = ''): string =>
  nodes
    .map(({ value }) => {
      if (value.case === 'text') return value.value;
      return value.value.fieldName === 'FrontSide' ? frontSide : value.value.currentText;
    })
    .join('');

/** Sounds and speech become numbered marks, as [anki:play:q:0]. */
async function withAudio(collection: Collection, text: string, questionSide: boolean): Promise<string> {
  if (!/\[(sound|anki):/.test(text)) return text;
  return (await collection.call('extract_av_tags', { text, questionSide })).text;
}

/** LaTeX becomes links to images, which somebody else may have made; like the desktop by default, this makes none. */
async function withLatex(collection: Collection, text: string, svg: boolean): Promise<string> {
  if (!/\[(latex|\$\$?)\]/i.test(text)) return text;
  const extracted = await collection.call('extract_latex', { text, svg, expandClozes: false });
  const made = await Promise.all(
    extracted.latex.map(({ filename }) => exists(collection.mediaFile(filename))),
  );
  const notice = made.includes(false) ? 'LaTeX image generation is disabled in the preferences.' : '';
  return extracted.text + notice;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
