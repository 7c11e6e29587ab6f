import { AnkiRefused } from '../../contract/errors.ts';

const syntax = `Anki's search syntax:
- dog cat (both, in any field), dog or cat, -dog (without), "a dog" (this phrase), d*g, parentheses group
- Front:*dog* (the field contains it), Front:dog (the whole field is it), Front: (empty), "re:colou?r"
- deck:"My deck", tag:verb, tag:none, note:Basic, nid:1500000000000
- is:new is:learn is:review is:due is:suspended, flag:1, added:7, edited:7, rated:1:1 (today, Again)
- prop:ivl>=21, prop:due<=7, prop:lapses>3, prop:ease<2; with FSRS prop:r<0.9, prop:s<10, prop:d>0.5
Values with spaces need quotes. To search for : " ( ) * _ literally, put a \\ before them.`;

/** Runs a search. If Anki cannot parse it, the error message includes the search syntax. */
export async function explainSearchErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AnkiRefused) || !/invalid search|regex|brackets/i.test(error.message)) throw error;
    // Anki encloses each part in invisible characters, and sometimes in HTML.
    const message = error.message.replace(/[\u2068\u2069]|<\/?pre>/g, '');
    throw new AnkiRefused(`${message}\n\n${syntax}`, { cause: error });
  }
}
