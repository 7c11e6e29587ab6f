import { AnkiRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import type { Context } from '../workflow.ts';
import { correctionOf } from './search-correction.ts';

/** Maximum number of changes that are named, and maximum characters of a corrected search. */
const maxChanges = 5;
const maxQuery = 1_000;

const syntax = `Anki's search syntax:
- dog cat (both, in any field), dog or cat, -dog (without), "a dog" (this phrase), d*g, parentheses group
- Front:*dog* (the field contains it), Front:dog (the whole field is it), Front: (empty), "re:colou?r"
- deck:"My deck", tag:verb, tag:none, note:Basic, nid:1500000000000
- is:new is:learn is:review is:due is:suspended, flag:1, added:7, edited:7, rated:1:1 (today, Again)
- prop:ivl>=21, prop:due<=7, prop:lapses>3, prop:ease<2; with FSRS prop:r<0.9, prop:s<10, prop:d>0.5
Values with spaces need quotes. To search for : " ( ) * _ literally, put a \\ before them.`;

type Search = 'findNotes' | 'findCards';
type Searching = Pick<Context, 'call'>;

/** Runs a search. An error explains Anki's syntax. If nothing is found, `hint` says what was probably meant. */
export async function searchFor(
  searching: Searching,
  action: Search,
  query: string,
): Promise<{ found: readonly number[]; hint: string | undefined }> {
  try {
    const found = await searching.call(action, { query });
    return { found, hint: found.length === 0 ? await correctionFor(searching, action, query) : undefined };
  } catch (error) {
    if (!(error instanceof AnkiRefused) || !/invalid search|regex|brackets/i.test(error.message)) throw error;
    // Anki encloses each part in invisible characters, and sometimes in HTML.
    const message = error.message.replace(/[\u2068\u2069]|<\/?pre>/g, '');
    const hint = await correctionFor(searching, action, query);
    throw new AnkiRefused([message, hint, syntax].filter(Boolean).join('\n\n'), { cause: error });
  }
}

/** Returns a sentence with the search that was probably meant and what it finds, if there is one that Anki accepts. */
export async function correctionFor(
  { call }: Searching,
  action: Search,
  query: string,
): Promise<string | undefined> {
  const correction = correctionOf(query);
  if (correction === undefined) return undefined;
  try {
    const found = await call(action, { query: correction.query });
    const what = action === 'findNotes' ? 'note' : 'card';
    const count = `${found.length.toLocaleString('en')} ${what}${found.length === 1 ? '' : 's'}`;
    const changes = correction.changes.slice(0, maxChanges).map((change) => echo(change));
    return `Probably meant: ${echo(correction.query, maxQuery)} (finds ${count}). Anki writes ${changes.join(', ')}.`;
  } catch (error) {
    if (error instanceof AnkiRefused) return undefined;
    throw error;
  }
}
