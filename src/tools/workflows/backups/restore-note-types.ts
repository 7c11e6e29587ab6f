import type { Backup } from '../../safeguards/backup-folder.ts';
import { textOf, type NoteTypeText } from '../../safeguards/backup-state.ts';
import { find, withIds } from '../../search-ids.ts';
import type { Context } from '../../workflow.ts';

/** Actions that change note types. */
const changing = new Set([
  'modelFieldRemove',
  'modelTemplateRemove',
  'modelTemplateAdd',
  'findAndReplaceInModels',
  'updateModelTemplates',
  'updateModelStyling',
]);

/** Restores order and texts of note types, if an operation after the backup changed the types of these notes. */
export async function restoreNoteTypes(
  context: Context,
  { description }: Backup,
  ids: readonly number[],
): Promise<void> {
  if (!description?.operations.some(({ actions }) => actions.some((action) => changing.has(action)))) return;
  const modelIds = Object.values(await context.call('modelNamesAndIds', {}));
  const current = await context.call('findModelsById', { modelIds });
  for (const saved of description.noteTypes ?? []) {
    const type = current.find(({ id }) => id === saved.id);
    if (!type || !(await isUsed(context, type.id, ids))) continue;
    const now = textOf(type);
    await restoreOrder(context, saved, now);
    await restoreTexts(context, saved, now);
  }
}

async function isUsed(context: Context, typeId: number, ids: readonly number[]): Promise<boolean> {
  const searches = withIds('nid:', ids).map((search) => `mid:${typeId} ${search}`);
  return (await find(context, 'findNotes', searches)).length > 0;
}

async function restoreOrder({ call }: Context, saved: NoteTypeText, now: NoteTypeText): Promise<void> {
  const modelName = now.name;
  await reorder(saved.fields, now.fields, (fieldName, index) =>
    call('modelFieldReposition', { modelName, fieldName, index }),
  );
  const names = (type: NoteTypeText) => type.templates.map(({ name }) => name);
  await reorder(names(saved), names(now), (templateName, index) =>
    call('modelTemplateReposition', { modelName, templateName, index }),
  );
}

async function reorder(
  wanted: readonly string[],
  current: readonly string[],
  move: (name: string, index: number) => Promise<unknown>,
): Promise<void> {
  let names = current;
  for (const [index, name] of wanted.filter((one) => current.includes(one)).entries()) {
    if (names[index] === name) continue;
    await move(name, index);
    names = names.filter((other) => other !== name).toSpliced(index, 0, name);
  }
}

async function restoreTexts({ call }: Context, saved: NoteTypeText, now: NoteTypeText): Promise<void> {
  const { name } = now;
  const changed = saved.templates.filter(({ name: template, Front, Back }) =>
    now.templates.some((other) => other.name === template && (other.Front !== Front || other.Back !== Back)),
  );
  if (changed.length > 0) {
    const templates = Object.fromEntries(
      changed.map(({ name: template, Front, Back }) => [template, { Front, Back }]),
    );
    await call('updateModelTemplates', { model: { name, templates } });
  }
  if (saved.css !== now.css) await call('updateModelStyling', { model: { name, css: saved.css } });
}
