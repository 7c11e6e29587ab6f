import { setImmediate } from 'node:timers/promises';
import { excerpt } from '../../card-text/excerpt.ts';
import type { Note } from '../../reading.ts';
import type { Facts, Insight } from './facts.ts';
import { decksOfNotes, firstField, normalize, textsOf } from './first-field.ts';
import { maxWords, TypoIndex } from './typos.ts';

/** Maximum number of pairs in one result. */
const maxPairs = 50;
/** Maximum milliseconds of comparing, and the number of texts between two checks of the clock. */
const maxMs = 10_000;
const textsPerStep = 500;

/** Notes of one type with the same first field, as the section duplicates finds them. */
interface Text {
  readonly note: Note;
  readonly normalized: string;
  readonly count: number;
}

interface Pair {
  readonly likeness: string;
  readonly a: number;
  readonly b: number;
}

/** Finds notes of any types whose first fields are nearly equal. Those with the same type and text are not listed again. */
export async function nearDuplicates(facts: Facts): Promise<Insight> {
  const { offset } = facts.options;
  const { notes, cut } = await facts.notes;
  const texts = textsIn(notes);
  const { pairs, compared, long } = await compare(texts, facts.context.signal);
  const page = pairs.slice(offset, offset + maxPairs);
  const shown = page.flatMap(({ a, b }) => [texts[a], texts[b]].flatMap((text) => text?.note ?? []));
  const decks = await decksOfNotes(facts, shown);
  const sideOf = (text: Text | undefined) => text && describe(text, decks);
  return {
    criterion: `First fields that differ only by note type, case, punctuation, formatting, accents, clozes, spaces, word order or one typo in a word of 5 or more letters (Latin, Greek, Cyrillic).`,
    pairs: pairs.length,
    ...(cut !== undefined && { from: cut }),
    ...(compared < texts.length && {
      notCompared: `${texts.length - compared} of ${texts.length} texts: the limit is ${maxMs / 1000} seconds. Pass deck to compare fewer.`,
    }),
    ...(long > 0 && { withoutTypos: `${long} texts of more than ${maxWords} words` }),
    ...(pairs.length > 0 && {
      advice:
        'Not every pair is a mistake: show both to the user (viewCards). To merge, add to the one with more reviews what it lacks (saveNotes), then delete the other (deleteNotes).',
    }),
    samples: page.map(({ likeness, a, b }) => ({
      likeness,
      a: sideOf(texts[a]) ?? null,
      b: sideOf(texts[b]) ?? null,
      search: `nid:${texts[a]?.note.noteId},${texts[b]?.note.noteId}`,
    })),
    paged: { offset, total: pairs.length },
  };
}

/** Returns the different texts of each note type, with the oldest note of each. */
function textsIn(notes: readonly Note[]): Text[] {
  const byKey = new Map<string, Text>();
  for (const note of notes.toSorted((a, b) => a.noteId - b.noteId)) {
    const text = firstField(note);
    const normalized = normalize(withoutClozes(text));
    if (normalized === '') continue;
    const key = `${note.modelName}\n${normalize(text)}`;
    const known = byKey.get(key);
    byKey.set(key, known ? { ...known, count: known.count + 1 } : { note, normalized, count: 1 });
  }
  return [...byKey.values()];
}

const withoutClozes = (text: string): string =>
  text.replace(/\{\{c[\d,]+::/g, ' ').replace(/(?:::[^{}]{0,200})?\}\}/g, ' ');

/** Compares each text with earlier ones of equal keys, so that the work grows with the number of texts. */
async function compare(texts: readonly Text[], signal: AbortSignal | undefined) {
  const start = performance.now();
  const keys = new Map<string, number>();
  const typos = new TypoIndex();
  const pairs: Pair[] = [];
  let compared = 0;
  let long = 0;
  for (const [b, { normalized }] of texts.entries()) {
    if (b % textsPerStep === 0) {
      await setImmediate();
      signal?.throwIfAborted();
      if (performance.now() - start > maxMs) break;
    }
    const words = withoutAccents(normalized).split(' ');
    const sorted = words.toSorted();
    const likenesses = {
      'same text, other note type or clozes': `t ${normalized}`,
      'same words, other accents': `a ${words.join(' ')}`,
      'same letters, other spaces': `s ${words.join('')}`,
      'same words, other order': `o ${sorted.join(' ')}`,
    };
    const seen = new Set<number>();
    for (const [likeness, key] of Object.entries(likenesses)) {
      const a = keys.get(key);
      if (a === undefined) keys.set(key, b);
      else if (!seen.has(a)) pairs.push({ likeness, a, b });
      if (a !== undefined) seen.add(a);
    }
    if (words.length > maxWords) long++;
    for (const a of typos.add(b, sorted)) if (!seen.has(a)) pairs.push({ likeness: 'a typo', a, b });
    compared++;
  }
  return { pairs, compared, long };
}

/** Leaves out the accents of letters in scripts where people often omit them. In others they make another letter. */
const withoutAccents = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu, '$1')
    .normalize('NFC');

function describe({ note, count }: Text, decks: ReadonlyMap<number, string>) {
  const [first = '', second = ''] = textsOf(note);
  return {
    note: note.noteId,
    type: note.modelName,
    deck: decks.get(note.noteId) ?? '',
    text: excerpt(first, 60),
    ...(second !== '' && { next: excerpt(second, 60) }),
    ...(count > 1 && { notes: count }),
  };
}
