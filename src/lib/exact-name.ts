/** Returns a form that is equal for names that differ only in letter case or in the composition of their characters. */
export const foldCase = (name: string): string => name.normalize('NFC').toLowerCase();

/** Returns the listed name that is this one, if possible in the same letter case. */
export function exactName(name: string, names: readonly string[]): string | undefined {
  if (names.includes(name)) return name;
  const folded = foldCase(name);
  return names.find((each) => foldCase(each) === folded);
}
