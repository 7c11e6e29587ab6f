import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { Unparseable, type Format } from './format.ts';
import { removeEntry, setEntry } from './json-edit.ts';

/** The extensions of JSON that a client accepts. */
interface Extensions {
  readonly comments?: boolean;
  readonly trailingCommas?: boolean;
}

/** Returns the JSON format of a client. Rejects what the client would not accept. */
export const json = ({ comments = false, trailingCommas = false }: Extensions = {}): Format => ({
  parse(text) {
    const errors: ParseError[] = [];
    const options = {
      disallowComments: !comments,
      allowTrailingComma: trailingCommas,
      allowEmptyContent: true,
    };
    const settings: unknown = parse(text, errors, options);
    const [first] = errors;
    if (first) throw new Unparseable(`line ${lineAt(text, first.offset)} is not JSON: ${describe(first)}`);
    return settings === undefined ? {} : settings;
  },
  setEntry,
  removeEntry,
  printEntry: ({ map, name }, entry) => JSON.stringify({ [map]: { [name]: entry } }, null, 2),
});

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Returns the name of an error in words: "CommaExpected" becomes "comma expected". */
const describe = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
