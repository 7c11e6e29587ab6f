import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { edited, type Format } from '../../../src/cli/install/format.ts';
import { json } from '../../../src/cli/install/json-format.ts';
import { toml } from '../../../src/cli/install/toml-format.ts';

const lenient = json({ comments: true, trailingCommas: true });
const entry = { command: '/usr/bin/node', args: ['a "b" \\ ü'], env: { K: 'v' } };
const changed = { command: 'npx', args: [] };
const locationIn = (map: string) => ({ map, name: 'anki' });

/** Returns the text with the entry, with a changed entry, and without it again. */
function roundTrip(format: Format, map: string, text: string) {
  const put = edited(format, text, locationIn(map), entry);
  if (put === undefined) return undefined;
  const updated = edited(format, put, locationIn(map), changed);
  const taken = edited(format, put, locationIn(map), undefined);
  const takenLater = updated === undefined ? undefined : edited(format, updated, locationIn(map), undefined);
  return { put, updated, taken, takenLater };
}

const withSmallEntry = (map: string, text: string) =>
  edited(lenient, text, locationIn(map), { command: 'x' });

describe('JSON', () => {
  test.each<[string, string, string]>([
    ['nothing', '', '{\n  "m": {\n    "anki": {\n      "command": "x"\n    }\n  }\n}\n'],
    ['an object', '{}', '{\n  "m": {\n    "anki": {\n      "command": "x"\n    }\n  }\n}'],
    ['an empty map', '{\n  "m": {}\n}', '{\n  "m": {\n    "anki": {\n      "command": "x"\n    }\n  }\n}'],
    ['one line', '{"a":1,"m":{"b":{}}}', '{"a":1,"m":{"b":{}, "anki": {"command":"x"}}}'],
    ['one line, no map', '{"a":1}', '{"a":1, "m": {"anki":{"command":"x"}}}'],
    ['an empty map in one line', '{"m":{}}', '{"m":{"anki": {"command":"x"}}}'],
    [
      'a comment after the last entry',
      '{\n "m": {\n  "b": {} // why\n }\n}',
      '{\n "m": {\n  "b": {}, // why\n  "anki": {\n   "command": "x"\n  }\n }\n}',
    ],
    [
      'a comma and a comment after the last entry',
      '{\n "m": {\n  "b": {}, // why\n }\n}',
      '{\n "m": {\n  "b": {}, // why\n  "anki": {\n   "command": "x"\n  },\n }\n}',
    ],
    [
      'a multi-line comment after the last entry',
      '{\n "m": {\n  "b": {} /* why\n not */\n }\n}',
      '{\n "m": {\n  "b": {}, /* why\n not */\n  "anki": {\n   "command": "x"\n  }\n }\n}',
    ],
    [
      'a closing bracket after the last entry',
      '{\n "m": {\n  "b": {} }\n}',
      '{\n "m": {\n  "b": {},\n  "anki": {\n   "command": "x"\n  } }\n}',
    ],
    [
      'a comment in an empty map',
      '{\n  "m": {\n    // none\n  }\n}',
      '{\n  "m": {\n    // none\n    "anki": {\n      "command": "x"\n    }\n  }\n}',
    ],
    [
      'only a comment',
      '// mine',
      '// mine\n{\n  "m": {\n    "anki": {\n      "command": "x"\n    }\n  }\n}\n',
    ],
    [
      'a map of the same name elsewhere',
      '{"p":{"m":{}},"m":{}}',
      '{"p":{"m":{}},"m":{"anki": {"command":"x"}}}',
    ],
  ])('%s', (_name, before, after) => {
    expect(withSmallEntry('m', before)).toBe(after);
  });

  test.each<[string, string, string]>([
    ['the first of a line', '{\n  "m": {"anki": 1, "b": 2}\n}', '{\n  "m": {"b": 2}\n}'],
    ['the last of a line', '{"m": { "b": 2, "anki": 1 }}', '{"m": { "b": 2 }}'],
    ['the only one of a line', '{"m": { "anki": 1 }}', '{"m": {}}'],
    [
      'a first line',
      '{\n "m": {\n  "anki": 1,\n  "b": 2 // two\n }\n}',
      '{\n "m": {\n  "b": 2 // two\n }\n}',
    ],
    [
      'lines in the middle',
      '{\n "m": {\n  "a": 1,\n  "anki": {\n  },\n\n  "b": 2\n }\n}',
      '{\n "m": {\n  "a": 1,\n\n  "b": 2\n }\n}',
    ],
    [
      'a line with a comment',
      '{\n "m": {\n  "a": 1, // one\n  "anki": 1, // mine\n  "b": 2\n }\n}',
      '{\n "m": {\n  "a": 1, // one\n  // mine\n  "b": 2\n }\n}',
    ],
    [
      'a last line, both with comments',
      '{\n "m": {\n  "a": 1 /* , */ , // one\n  "anki": 1 // mine\n }\n}',
      '{\n "m": {\n  "a": 1 /* , */  // one\n  // mine\n }\n}',
    ],
    ['a line under a comment', '{\n "m": {\n  // ours\n  "anki": 1\n }\n}', '{\n "m": {\n  // ours\n }\n}'],
    [
      'a last line with a comma',
      '{\n "m": {\n  "a": 1,\n\n  "anki": 1,\n }\n}',
      '{\n "m": {\n  "a": 1,\n\n }\n}',
    ],
    [
      'a line that begins with the comma',
      '{\n "m": {\n  "a": 1\n  , "anki": 1\n }\n}',
      '{\n "m": {\n  "a": 1\n  \n }\n}',
    ],
  ])('%s is removed, and nothing else', (_name, before, after) => {
    expect(edited(lenient, before, locationIn('m'), undefined)).toBe(after);
  });

  test('duplicate names, and entries next to a comment that would swallow text, are not changed', () => {
    expect(withSmallEntry('m', '{"m": {}, "m": {"b": {}}}')).toBeUndefined();
    expect(withSmallEntry('m', '{"m": {"anki": 1, "anki": 2}}')).toBeUndefined();
    const swallowed = '{\n  "m": {\n    "a": 1, // one\n    "anki": {} }\n}';
    expect(edited(lenient, swallowed, locationIn('m'), undefined)).toBeUndefined();
  });

  test('adding and removing an entry restores any document in any style', () => {
    const value = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
    const servers = fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 4, minKeys: 1 });
    const style = fc.record({
      indent: fc.constantFrom('', '  ', '    ', '\t'),
      newline: fc.constantFrom('\n', '\r\n'),
      comment: fc.constantFrom('', ' // c', ' /* c\n c */', '  '),
      ending: fc.constantFrom('', '\n', '\n\n'),
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), value, { maxKeys: 4 }),
        servers,
        style,
        (others, map, layout) => {
          const pretty = JSON.stringify({ ...others, m: map, z: [1] }, null, layout.indent) + layout.ending;
          const commented = pretty.replace(
            /(?<=[}\]\d,])(?=\n)/g,
            layout.indent === '' ? '' : layout.comment,
          );
          const text = commented.replaceAll('\n', layout.newline);
          if (Object.hasOwn(map, 'anki') || Object.hasOwn(map, '__proto__')) return;
          const all = roundTrip(lenient, 'm', text);
          expect(all?.taken).toBe(text);
          expect(all?.takenLater).toBe(text);
        },
      ),
      { seed: 6, numRuns: 400 },
    );
  });
});

describe('TOML', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['a comment', '# only this'],
    ['no line break at the end', 'model = "x"\n[tui]\nn = true'],
    ['CRLF', 'model = "x"\r\n\r\n[mcp_servers.a]\r\ncommand = "b"  \r\n# c\r\n'],
    ['CRLF without a last line break', 'model = "x"\r\n[mcp_servers.a]\r\ncommand = "b"'],
    ['blank lines at the end', '[tui]\nn=1\n\n\n\n'],
    [
      'a table of servers',
      '[mcp_servers]\na = { command = "b", args = [ "c" ] }  # c\n# end\n\n[tui]\nn=1\n',
    ],
    ['an empty table of servers', '[mcp_servers]\n\n[tui]\nn=1\n'],
    ['dotted names', 'mcp_servers.a.command = "b"\nmcp_servers.a.args = ["c"]\n[tui]\nn=1\n'],
    ['dotted names in a table', '[mcp_servers]\na.command = "b"\na.args = [\n  "x", # why\n]\n[tui]\nn=1\n'],
    ['tabs', '[mcp_servers.a]\n\tcommand = "b"\n\t[mcp_servers.a.env]\n\t\tX = "1"\n'],
    [
      'tables in any order',
      '[mcp_servers.a]\nb=1\n[tui]\nn=1\n[mcp_servers.b]\nc=1\n[[x]]\n[x.y]\nb=1\n[[x]]\n',
    ],
    ['quoted names', '["mcp_servers"."a b"]\ncommand = \'b\'\n'],
  ])('%s is restored after adding and removing an entry', (_name, text) => {
    const all = roundTrip(toml, 'mcp_servers', text);
    expect(all?.put.startsWith(text)).toBe(true);
    expect(all?.taken).toBe(text);
    expect(all?.takenLater).toBe(text);
    expect(all?.updated?.startsWith(text)).toBe(true);
  });

  test('a separate table is written, with the line breaks of the file', () => {
    const text = edited(toml, 'a = 1\r\n', locationIn('mcp_servers'), entry);
    const own =
      '[mcp_servers.anki]\ncommand = "/usr/bin/node"\nargs = ["a \\"b\\" \\\\ ü"]\n\n[mcp_servers.anki.env]\nK = "v"\n';
    expect(text).toBe(`a = 1\n\n${own}`.replaceAll('\n', '\r\n'));
  });

  const rest = '[mcp_servers.b]\ncommand = "c"\n';
  test.each<[string, string, string]>([
    [
      'a table in several parts',
      `[mcp_servers.anki]\ncommand = "a" # c\n# of b\n${rest}[mcp_servers.anki.env]\nX = "1"\n`,
      `# of b\n${rest}`,
    ],
    [
      'a table in the middle',
      `a = 1\n\n[mcp_servers.anki]\nargs = [\n  "]", # [x]\n]\n\n${rest}`,
      `a = 1\n\n${rest}`,
    ],
    ['quoted', `["mcp_servers" . 'anki']\nx = 1\n${rest}`, rest],
    [
      'a value of the table of servers',
      `[mcp_servers]\nanki = { command = "a" } # c\nd = {}\n`,
      '[mcp_servers]\nd = {}\n',
    ],
    [
      'dotted',
      `x = 1\nmcp_servers.anki.command = "a"\nmcp_servers.anki.args = []\n${rest}`,
      `x = 1\n${rest}`,
    ],
    [
      'lists of tables',
      `${rest}\n[mcp_servers.anki]\n[[mcp_servers.anki.t]]\nx = 1\n[[mcp_servers.anki.t]]\nx = 2\n`,
      rest,
    ],
  ])('%s is removed, and can be updated', (_name, text, without) => {
    expect(edited(toml, text, locationIn('mcp_servers'), undefined)).toBe(without);
    const updated = edited(toml, text, locationIn('mcp_servers'), changed) ?? '';
    expect(updated).toContain('[mcp_servers.anki]\ncommand = "npx"\nargs = []');
    expect(edited(toml, updated, locationIn('mcp_servers'), undefined)?.trim()).toBe(without.trim());
  });

  test('an entry that cannot be a separate table is not changed', () => {
    const inline = 'mcp_servers = { a = { command = "b" } }\n';
    expect(edited(toml, inline, locationIn('mcp_servers'), entry)).toBeUndefined();
    const ours = 'mcp_servers = { anki = { command = "b" } }\n';
    expect(edited(toml, ours, locationIn('mcp_servers'), undefined)).toBeUndefined();
  });
});
