import type { Output } from '../../contract/index.ts';

type NoteType = Output<'findModelsById'>[number];

/** The fields that a template shows, filters or not. */
const shownBy = (template: string, fields: readonly string[]): string[] => {
  const shown = [...template.matchAll(/\{\{([^#^/{}][^{}]*)\}\}/g)].map(([, tag = '']) =>
    tag.split(':').at(-1)?.trim(),
  );
  return fields.filter((field) => shown.includes(field));
};

/** What a note type is by its structure, whatever its language or name. */
export function structureOf({ type, flds, tmpls }: NoteType): string {
  const fields = flds.map(({ name }) => name);
  const sides = tmpls.map(({ qfmt }) => ({ front: String(qfmt), shown: shownBy(String(qfmt), fields) }));
  if (sides.some(({ front }) => front.includes('image-occlusion') || front.includes('image-cloze')))
    return 'image occlusion';
  if (type === 1) return 'cloze';
  const typed = sides.some(({ front }) => /\{\{[^{}]*type:/.test(front)) ? ', typed answer' : '';
  const [first, second] = sides;
  if (!second) return `basic${typed}`;
  const reversed = sides.length === 2 && first?.shown[0] !== second.shown[0];
  const optional = /^\s*\{\{#/.test(second.front);
  return reversed
    ? `basic and ${optional ? 'optional ' : ''}reversed${typed}`
    : `${sides.length} cards a note${typed}`;
}
