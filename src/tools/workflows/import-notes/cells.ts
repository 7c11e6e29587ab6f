const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Returns a cell as the HTML of a field. */
export const toFieldHtml = (cell: string, isHtml: boolean): string =>
  isHtml
    ? cell
    : cell
        .replaceAll(/[&<>]/g, (character) => entities[character] ?? character)
        .replaceAll(/\r\n|[\r\n]/g, '<br>');

/** Splits a cell of tags. In Anki's own files only spaces separate tags; people also write commas. */
export const splitTags = (cell: string, isAnkiFile: boolean): string[] =>
  cell.split(isAnkiFile ? /\s+/ : /[\s,]+/).filter(Boolean);

/** Returns the file name in a cell: as it is, or in the markup of a field. */
export function fileName(cell: string): string {
  const text = cell.trim();
  const [, sound] = /^\[sound:([^\]]*)\]$/.exec(text) ?? [];
  const [, picture] = /^<img [^<>]*?src="([^"]*)"[^<>]*>$/.exec(text) ?? [];
  return sound ?? picture ?? text;
}
