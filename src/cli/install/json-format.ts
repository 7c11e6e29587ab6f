import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { Unparseable, type Format } from './format.ts';
import { put, take } from './json-edit.ts';

/** What a client takes beyond JSON. */
interface Leniency {
  readonly comments?: boolean;
  readonly trailingCommas?: boolean;
}

/** JSON, as this client reads it: what the client would not read is an error here too. */
export const json = ({ comments = false, trailingCommas = false }: Leniency = {}): Format => ({
  parse(text) {
    const errors: ParseError[] = [];
    const options = {
      disallowComments: !comments,
      allowTrailingComma: trailingCommas,
      allowEmptyContent: true,
    };
    const whole: unknown = parse(text, errors, options);
    const [first] = errors;
    if (first) throw new Unparseable(`line ${lineAt(text, first.offset)} is not JSON: ${wordsFor(first)}`);
    return whole === undefined ? {} : whole;
  },
  put,
  take,
  print: ({ map, name }, entry) => JSON.stringify({ [map]: { [name]: entry } }, null, 2),
});

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** "CommaExpected" becomes "comma expected". */
const wordsFor = ({ error }: ParseError): string =>
  printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
