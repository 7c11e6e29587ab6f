import type { CardView, Sound } from '../../contract/panels/card.ts';
import { withoutTyping } from '../card-text/card-side.ts';
import { mediaName } from '../card-text/media-name.ts';
import { hasSounds, nameSounds, speech } from '../card-text/sound.ts';
import { parsePage } from '../card-text/text.ts';
import type { Context } from '../workflow.ts';
import { readTogether } from '../joined.ts';
import type { Card } from '../reading.ts';
import { cleanHtml, writeText } from './html.ts';
import { writeHint } from './hint.ts';
import { mathWriter } from './math.ts';
import { embed, type KnownFiles } from './media.ts';
import { occlusionWriter } from './occlusion.ts';
import { soundNames, soundsOf, spokenTexts, withSoundMarks } from './sounds.ts';

export type RenderedCard = Pick<Card, 'fields' | 'fieldOrder' | 'modelName' | 'question' | 'answer'>;

/** Maximum characters of a URL that the card itself contains. */
const maxEmbedded = 500_000;
const embeddedPicture = /^data:image\/(?:png|jpeg|gif|webp|avif|bmp|svg\+xml)[;,]/i;

/** Returns a side of a card as HTML that runs nothing and loads nothing, and what it plays. */
export async function cardSide(
  context: Context,
  card: RenderedCard,
  side: 'question' | 'answer',
  known?: KnownFiles,
): Promise<Pick<CardView, 'html' | 'sounds'>> {
  const types = hasSounds(card)
    ? await context.call('findModelsByName', { modelNames: [card.modelName] })
    : [];
  const { nodes } = parsePage(withoutTyping(nameSounds(card, types)[side]));

  // The first pass finds the files, the second one writes the card with them.
  const pictures = new Set<string>();
  const sounds: string[] = [];
  cleanHtml(nodes, {
    source: (url) => void (isEmbedded(url) || pictures.add(mediaName(url))),
    text: (text) => {
      sounds.push(...soundNames(text));
      return '';
    },
  });
  const files = await readTogether(context, (reading) =>
    embed(reading, wantedFiles(pictures, sounds), known),
  );
  const source = (url: string) => {
    if (isEmbedded(url)) return embeddedPicture.test(url) && url.length <= maxEmbedded ? url : undefined;
    const file = files.get(mediaName(url));
    return file && 'url' in file ? file.url : undefined;
  };
  const writeMath = await mathWriter(card[side], writeText);
  const writeMasked = occlusionWriter(nodes, source);
  const html = cleanHtml(nodes, {
    source,
    element: (element, write) => writeHint(element, write) ?? writeMasked(element),
    text: (text) => withSoundMarks(text, writeMath),
  });
  const spoken: Sound[] = spokenTexts(card, types, side === 'question' ? 'qfmt' : 'afmt');
  return { html, sounds: soundsOf(sounds, files, spoken) };
}

const isEmbedded = (url: string): boolean => /^data:/i.test(url);

function wantedFiles(pictures: Iterable<string>, sounds: Iterable<string>) {
  const isFile = (name: string) => name !== '' && name !== speech && !/[/\\]|^[a-z]+:/i.test(name);
  return new Map([
    ...[...sounds].filter(isFile).map((name) => [name, 'audio'] as const),
    ...[...pictures].filter(isFile).map((name) => [name, 'image'] as const),
  ]);
}
