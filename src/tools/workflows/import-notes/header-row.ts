/** Returns a name in the form in which names of columns are compared. */
export const fold = (name: string): string => name.trim().normalize('NFC').toLowerCase();

/** Returns true if the first row holds names of columns: those of `columns`, that of the first field, or of two fields. */
export function isHeader(
  cells: readonly string[],
  fields: readonly string[],
  columns: Readonly<Record<string, string>> = {},
): boolean {
  const names = new Set(cells.map(fold));
  const given = Object.keys(columns).filter((key) => !/^\d+$/.test(key));
  if (given.length > 0 && given.every((key) => names.has(fold(key)))) return true;
  const known = fields.filter((field) => names.has(fold(field)));
  return known.length > 1 || (known.length === 1 && known[0] === fields[0]);
}
