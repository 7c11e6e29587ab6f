import { repr } from '../../anki-connect/python.ts';
import { pythonJson } from '../../anki-connect/python-json.ts';

/** Returns a text as it is written in JSON, in ASCII JSON, by Python and in a URL. */
const spellings = (text: string): string[] => {
  const quoted = [JSON.stringify(text), pythonJson(text), repr(text)].map((literal) => literal.slice(1, -1));
  return [...quoted, encodeURIComponent(text.toWellFormed()), text];
};

/** Returns a text with every spelling of the key replaced by ***. */
export const maskKey = (text: string, key: string | undefined): string =>
  key === undefined || key === ''
    ? text
    : spellings(key).reduce((rest, spelling) => rest.replaceAll(spelling, '***'), text);
