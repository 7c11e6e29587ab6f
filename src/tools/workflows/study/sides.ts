import { cutToBytes, echo } from '../../../lib/cut.ts';
import { seenAnswer, seenQuestion } from '../../card-text/card-page.ts';
import { readMedia, type MediaFile } from '../../card-text/media-content.ts';
import type { MediaLabel } from '../../card-text/media-name.ts';
import { hasSounds, nameSounds, speech } from '../../card-text/sound.ts';
import type { Content, Context } from '../../workflow.ts';
import { readTogether } from '../../joined.ts';
import type { NoteType } from '../../reading.ts';
import type { StudyCard } from './card-source.ts';

/** The pictures and sounds of a card that are shown now. */
interface Sides {
  readonly content: readonly Content[];
  /** Why pictures or sounds are missing. */
  readonly remarks: readonly string[];
  /** Names of the files that are sent. */
  readonly media: ReadonlySet<string>;
}

/** Pictures whose hidden parts the learner has to know: the masks are other elements, so that the file shows everything. */
const masked = /image-occlusion|\bdata-shape=|\bio-(?:original|overlay|wrapper)\b|<canvas\b/i;

/** Maximum number of remarks about missing pictures and sounds. */
const maxRemarks = 8;

/** Returns a side of a card as text. Both sides of a card fit into the byte limit. */
const cut = ({ budget }: Context, text: string): string => cutToBytes(text, Math.floor(budget * 0.4));

/** Collects the visible pictures and sounds of a text, each once in its order, by their labels in it. */
class Labels {
  readonly image = new Map<string, string>();
  readonly sound = new Map<string, string>();
  readonly video = new Map<string, string>();

  /** Numbers them: a file name may be the answer. */
  readonly numbered: MediaLabel = (kind, name) => this.#add(kind, name, `${kind} ${this[kind].size + 1}`);

  readonly named: MediaLabel = (kind, name) => {
    const isMarker = name.startsWith('[anki:play:');
    return this.#add(kind, name, isMarker ? kind : `${kind}: ${name}`);
  };

  #add(kind: 'image' | 'sound' | 'video', name: string, label: string): string {
    const known = this[kind].get(name);
    if (known === undefined) this[kind].set(name, label);
    return `[${known ?? label}]`;
  }
}

/** Returns a question without the names of its files, and with its pictures and sounds. */
export async function questionSide(
  context: Context,
  card: StudyCard,
): Promise<Sides & { readonly question: string }> {
  const labels = new Labels();
  const named = nameSounds(card, await typesOf(context, card));
  const question = await seenQuestion(named, labels.numbered);
  const isMasked = masked.test(card.question);
  const files = await load(context, isMasked ? [] : labels.image.keys(), labels.sound.keys());
  const sides = collect(labels, files, ({ reason }) => reason);
  const remarks =
    isMasked && labels.image.size > 0
      ? ['Pictures are not sent before reveal: masks hide parts of them, and the file shows everything.']
      : [];
  return { question: cut(context, question), ...sides, remarks: [...remarks, ...sides.remarks] };
}

/** Returns both sides with the names of their files, and the pictures and sounds that were not sent with the question. */
export async function bothSides(
  context: Context,
  card: StudyCard,
  sent: ReadonlySet<string>,
): Promise<Sides & { readonly question: string; readonly answer: string }> {
  const labels = new Labels();
  const named = nameSounds(card, await typesOf(context, card));
  const answer = await seenAnswer(named, labels.named);
  const question = await seenQuestion(named, labels.named);
  const unsent = (names: Iterable<string>) => [...names].filter((name) => !sent.has(name));
  const files = await load(context, unsent(labels.image.keys()), unsent(labels.sound.keys()));
  const sides = collect(labels, files, ({ reason, details }) => details ?? reason);
  return { question: cut(context, question), answer: cut(context, answer), ...sides };
}

/** Returns the note type, whose templates contain the names of the sounds. */
async function typesOf({ call }: Context, card: StudyCard): Promise<readonly NoteType[]> {
  return hasSounds(card) ? call('findModelsByName', { modelNames: [card.modelName] }) : [];
}

/** Reads pictures and sounds. */
async function load(
  context: Context,
  images: Iterable<string>,
  sounds: Iterable<string>,
): Promise<ReadonlyMap<string, MediaFile>> {
  const names = { image: [...images], audio: [...sounds] };
  if (names.image.length + names.audio.length === 0) return new Map();
  const isFile = (name: string) => name !== speech && !name.startsWith('[anki:play:');
  const [pictures, files] = await readTogether(context, (reading) =>
    Promise.all([
      readMedia(reading, 'image', names.image),
      readMedia(reading, 'audio', names.audio.filter(isFile)),
    ]),
  );
  const others = names.audio
    .filter((name) => !isFile(name))
    .map((name): [string, MediaFile] => [
      name,
      { reason: name === speech ? 'text-to-speech' : 'its file is not certain' },
    ]);
  return new Map([...pictures, ...files, ...others]);
}

function collect(
  labels: Labels,
  files: ReadonlyMap<string, MediaFile>,
  explain: (missing: Extract<MediaFile, { reason: string }>) => string,
): Sides {
  const content: Content[] = [];
  const remarks: string[] = [];
  const media = new Set<string>();
  for (const [name, label] of [...labels.image, ...labels.sound]) {
    const file = files.get(name);
    if (file && 'content' in file) {
      content.push(file.content);
      media.add(name);
    } else if (file) remarks.push(`[${echo(label)}] is not sent: ${echo(explain(file))}.`);
  }
  const omitted = remarks.length - maxRemarks;
  return {
    content,
    remarks: omitted > 0 ? [...remarks.slice(0, maxRemarks), `${omitted} more are not sent.`] : remarks,
    media,
  };
}
