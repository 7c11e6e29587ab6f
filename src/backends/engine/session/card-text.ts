import { access } from 'node:fs/promises';
import type { Collection } from './collection.ts';
import { EngineError } from '../process/engine-error.ts';
import type { RpcRequest, RpcResponse } from '../process/rpc.ts';
import type { Json } from '../../../lib/json.ts';
import { writeLegacy } from './legacy-json.ts';

type Nodes = RpcResponse<'render_existing_card'>['questionNodes'];

/** Both sides of a card as HTML. */
export interface CardText {
  readonly question: string;
  readonly answer: string;
}

/** What the engine rendered, except for FrontSide: a full render would number its sounds as sounds of the answer. */
type Rendered = RpcResponse<'render_existing_card'>;

/** Returns both sides of a card as HTML, each after its style element; for a broken template, the error message. */
export const cardText = (collection: Collection, cardId: bigint): Promise<CardText> =>
  textOf(collection, () =>
    collection.call('render_existing_card', { cardId, browser: false, partialRender: true }),
  );

/** A card of a note that need not exist. */
export interface CardDraft {
  readonly note: RpcRequest<'render_uncommitted_card_legacy'>['note'];
  readonly ordinal: number;
  readonly template: Json;
}

/** Returns the same of a card that does not exist, and whether it would be empty. */
export async function draftText(
  collection: Collection,
  { note, ordinal, template }: CardDraft,
): Promise<CardText & { readonly isEmpty: boolean }> {
  let isEmpty = false;
  const text = await textOf(collection, async () => {
    const rendered = await collection.call('render_uncommitted_card_legacy', {
      note,
      cardOrd: ordinal,
      template: writeLegacy(template),
      fillEmpty: false,
      partialRender: true,
    });
    ({ isEmpty } = rendered);
    return rendered;
  });
  return { ...text, isEmpty };
}

async function textOf(collection: Collection, render: () => Promise<Rendered>): Promise<CardText> {
  try {
    const { questionNodes, answerNodes, css, latexSvg } = await render();
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

/** Joins rendered nodes. Unknown filters change nothing. */
const join = (nodes: Nodes, frontSide = ''): string =>
  nodes
    .map(({ value }) => {
      if (value.case === 'text') return value.value;
      return value.value.fieldName === 'FrontSide' ? frontSide : value.value.currentText;
    })
    .join('');

/** Maximum number of tags for which the engine is called: its time grows with their square. */
const maxAudioTags = 200;

/** Replaces sounds and speech by numbered tags such as [anki:play:q:0]. Of very many tags, only sounds are replaced. */
async function withAudio(collection: Collection, text: string, questionSide: boolean): Promise<string> {
  const tags = text.match(/\[(?:sound|anki):/g)?.length ?? 0;
  if (tags === 0) return text;
  if (tags > maxAudioTags) {
    // Each tag before the last bracket has an end, so that this takes linear time.
    const end = text.lastIndexOf(']') + 1;
    let count = 0;
    const numbered = () => `[anki:play:${questionSide ? 'q' : 'a'}:${count++}]`;
    return text.slice(0, end).replaceAll(/\[sound:[^\]]+\]/g, numbered) + text.slice(end);
  }
  return (await collection.call('extract_av_tags', { text, questionSide })).text;
}

/** Replaces LaTeX by links to images. Like the desktop by default, this creates no images. */
async function withLatex(collection: Collection, text: string, svg: boolean): Promise<string> {
  if (!/\[(latex|\$\$?)\]/i.test(text)) return text;
  const extracted = await collection.call('extract_latex', { text, svg, expandClozes: false });
  for (const filename of new Set(extracted.latex.map((image) => image.filename))) {
    if (await exists(collection.mediaFile(filename))) continue;
    return `${extracted.text}LaTeX image generation is disabled in the preferences.`;
  }
  return extracted.text;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
