import type { NoteType } from '../reading.ts';

/** Returns the fields that a template shows, with or without filters. */
const fieldsIn = (template: string, fields: readonly string[]): string[] => {
  const tags = [...template.matchAll(/\{\{([^#^/{}][^{}]*)\}\}/g)].map(([, tag = '']) =>
    tag.split(':').at(-1)?.trim(),
  );
  return fields.filter((field) => tags.includes(field));
};

/** Returns what kind of note type this is by its structure, independent of its name and language. */
export function structureOf({ type, flds, tmpls }: NoteType): string {
  const fields = flds.map(({ name }) => name);
  const cards = tmpls.map(({ qfmt }) => ({ front: String(qfmt), fields: fieldsIn(String(qfmt), fields) }));
  if (cards.some(({ front }) => front.includes('image-occlusion') || front.includes('image-cloze')))
    return 'image occlusion';
  if (type === 1) return 'cloze';
  const typed = cards.some(({ front }) => /\{\{[^{}]*type:/.test(front)) ? ', typed answer' : '';
  const [first, second] = cards;
  if (!second) return `basic${typed}`;
  const isReversed = cards.length === 2 && first?.fields[0] !== second.fields[0];
  const isOptional = /^\s*\{\{#/.test(second.front);
  return isReversed
    ? `basic and ${isOptional ? 'optional ' : ''}reversed${typed}`
    : `${cards.length} cards a note${typed}`;
}
