import type { OcclusionOperations, OcclusionType } from '../../../contract/engine/occlusion.ts';
import { noteTypeById, noteTypeNames } from '../session/note-type.ts';
import type { NoteType } from '../session/legacy-json.ts';
import type { Operations } from './operation.ts';

export const occlusion: Operations<keyof OcclusionOperations> = {
  occlusionTypes: {
    title: 'Image occlusion note types',
    kind: 'read',
    run: async (session) => {
      const found: OcclusionType[] = [];
      for (const { id } of await noteTypeNames(session)) {
        const type = await noteTypeById(session, Number(id));
        if (type['originalStockKind'] === imageOcclusion) found.push(summaryOf(type));
      }
      return found;
    },
  },
  addOcclusionType: {
    title: 'Add image occlusion note type',
    kind: 'step',
    run: async (session) => {
      await session.call('add_image_occlusion_notetype', {});
      return null;
    },
  },
};

/** Number of the note type among those that Anki brings along. */
const imageOcclusion = 6;

/** Anki finds the fields by tags from 0, because users may rename them. */
function summaryOf({ id, name, flds }: NoteType): OcclusionType {
  const fieldOf = (tag: number): string => flds.find((each) => each['tag'] === tag)?.name ?? '';
  return {
    id,
    name,
    fields: { shapes: fieldOf(0), image: fieldOf(1), header: fieldOf(2), backExtra: fieldOf(3) },
  };
}
