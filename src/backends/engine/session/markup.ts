import { AnkiRefused } from '../../../contract/errors.ts';
import type { NoteType } from './legacy-json.ts';

/** Openings of markup that Anki removes from a first field, each with the text that ends it. */
const kinds = [
  [/<script/gi, /<\/script>/gi],
  [/<style/gi, /<\/style>/gi],
  [/<!--/g, /-->/g],
  [/</g, />/g],
] as const;

/** Characters that the engine may read in vain: about one second of its time. */
const maxSteps = 40_000_000;

/**
 * Refuses fields that would keep the engine busy for longer than a second. It removes the markup of the first field and
 * of the sort field, and for each opening without an end it reads the rest of the text: 400 KB of `<script>` took
 * minutes, and all other calls waited.
 */
export function refuseOpenMarkup(type: NoteType, fields: readonly string[]): void {
  for (const index of new Set([0, Number(type['sortf'])])) checkText(fields[index] ?? '');
}

function checkText(text: string): void {
  if (text.length ** 2 < maxSteps) return;
  for (const [opening, closing] of kinds) {
    let lastEnd = -1;
    for (const { index } of text.matchAll(closing)) lastEnd = index;
    let steps = 0;
    for (const { index } of text.matchAll(opening)) if (index > lastEnd) steps += text.length - index;
    if (steps <= maxSteps) continue;
    throw new AnkiRefused(
      `Nothing was changed: a field has many ${opening.source} without an end, and Anki would need minutes for it. Write < as &lt; where it is text.`,
    );
  }
}
