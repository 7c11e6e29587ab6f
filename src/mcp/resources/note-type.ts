import { collectionNames } from '../completion.ts';
import { json, jsonContents, type Resource } from './resource.ts';
import { structureOf } from '../../tools/workflows/note-type.ts';
import { latestNotes } from './latest-notes.ts';

export const noteType: Resource = {
  uri: 'anki://note-type/{name}',
  name: 'note-type',
  title: 'Note type',
  description: 'A note type (model): its structure, fields, card templates and CSS, with example notes.',
  mimeType: json,
  names: collectionNames.noteTypes,
  async read(context, name) {
    const { call } = context;
    const modelId = new Map(Object.entries(await call('modelNamesAndIds', {}))).get(name);
    if (modelId === undefined) return undefined;
    const [[type], notes] = await Promise.all([
      call('findModelsById', { modelIds: [modelId] }),
      call('findNotes', { query: `mid:${modelId}` }),
    ]);
    if (!type) return undefined;
    return jsonContents(
      {
        name,
        modelId,
        structure: structureOf(type),
        fields: type.flds.map((field) => field.name),
        templates: type.tmpls.map(({ name, qfmt, afmt }) => ({ name, front: qfmt, back: afmt })),
        css: type['css'],
        notes: notes.length,
        examples: await latestNotes(context, notes),
      },
      context,
    );
  },
};
