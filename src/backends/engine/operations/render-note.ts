import type { RenderOperations } from '../../../contract/engine/render.ts';
import { own } from '../../../lib/json.ts';
import { draftText } from '../session/card-text.ts';
import { noteTypeByName } from '../session/note-type.ts';
import type { Operations } from './operation.ts';

/** Anki's number for note types with cloze deletions. */
const clozeKind = 1;

/** Returns the ordinals of the cards of cloze deletions, in order; that of the first card if there are none. */
function clozeOrdinals(fields: readonly string[]): number[] {
  const numbers = fields.flatMap((field) =>
    [...field.matchAll(/\{\{c([\d,]{1,50})::/g)].flatMap(([, list = '']) => list.split(',').map(Number)),
  );
  const valid = new Set(numbers.filter((number) => number > 0));
  return valid.size === 0 ? [0] : [...valid].toSorted((a, b) => a - b).map((number) => number - 1);
}

export const renderNote: Operations<keyof RenderOperations> = {
  renderNote: {
    title: 'Render note',
    kind: 'read',
    async run(session, { noteType, fields, tags, maxCards }) {
      const type = await noteTypeByName(session, noteType);
      const values = type.flds.map(({ name }) => own(fields, name) ?? '');
      const isCloze = type.type === clozeKind;
      const note = {
        id: 0n,
        guid: '',
        notetypeId: BigInt(type.id),
        mtimeSecs: 0,
        tags: [...tags],
        fields: values,
      };
      const ordinals = isCloze ? clozeOrdinals(values) : type.tmpls.map((_, index) => index);
      const cards = [];
      for (const ordinal of ordinals) {
        if (cards.length === maxCards) break;
        const template = type.tmpls[isCloze ? 0 : ordinal];
        if (!template) continue;
        const { isEmpty, ...sides } = await draftText(session, { note, ordinal, template });
        if (!isEmpty) cards.push({ ordinal, ...sides });
      }
      return cards;
    },
  },
};
