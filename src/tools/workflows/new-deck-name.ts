import { AnkiRefused } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';

/** Throws AnkiRefused if a deck cannot get this full name: Anki would choose another one. */
export function requireDeckName(name: string): void {
  const isControl = /\p{Cc}/u.test(name);
  const hasEmptyPart = name.split('::').some((part) => part.trim() === '' || part !== part.trim());
  if (!isControl && !hasEmptyPart) return;
  const why = isControl
    ? 'It has a line break, a tab or another control character, which Anki leaves out. Write the name in one line.'
    : 'Each part between :: needs characters, without spaces at its ends.';
  throw new AnkiRefused(
    `Nothing was changed: "${echo(name.replace(/\p{Cc}/gu, '�'))}" is no deck name. ${why}`,
  );
}
