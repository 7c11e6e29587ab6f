import { repr } from '../../anki-connect/python.ts';
import { pythonJson } from '../../anki-connect/python-json.ts';

/** How a text is written within JSON, also in ASCII, by Python, and in an address. */
const spellings = (text: string): string[] => {
  const quoted = [JSON.stringify(text), pythonJson(text), repr(text)].map((words) => words.slice(1, -1));
  return [...quoted, encodeURIComponent(text.toWellFormed()), text];
};

/** Words without the key, as where a request is quoted in them. */
export const masked = (words: string, key: string | undefined): string =>
  key === undefined || key === ''
    ? words
    : spellings(key).reduce((text, spelling) => text.replaceAll(spelling, '***'), words);
