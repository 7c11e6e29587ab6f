import { AnkiRefused } from '../../contract/errors.ts';

const syntax = `Anki's search language:
- dog cat (both, in any field), dog or cat, -dog (without), "a dog" (this phrase), d*g, brackets group
- Front:*dog* (a field holds it), Front:dog (it is all of the field), Front: (empty), "re:colou?r"
- deck:"My deck", tag:verb, tag:none, note:Basic, nid:1500000000000
- is:new is:learn is:review is:due is:suspended, flag:1, added:7, edited:7, rated:1:1 (today, Again)
- prop:ivl>=21, prop:due<=7, prop:lapses>3, prop:ease<2; with FSRS prop:r<0.9, prop:s<10, prop:d>0.5
Values with blanks stand in quotes; : " ( ) * _ meant literally get a \\ in front.`;

/** Runs a search; when Anki does not understand it, its words come with the syntax. */
export async function searching<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof AnkiRefused) || !/invalid search|regex|brackets/i.test(error.message)) throw error;
    // Anki puts invisible marks around each part, and sometimes HTML.
    const words = error.message.replace(/[\u2068\u2069]|<\/?pre>/g, '');
    throw new AnkiRefused(`${words}\n\n${syntax}`, { cause: error });
  }
}
