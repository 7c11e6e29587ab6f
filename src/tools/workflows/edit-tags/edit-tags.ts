import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { distinctIds } from '../../../contract/schemas.ts';
import { tagList } from '../../../contract/tags.ts';
import { echo } from '../../../lib/cut.ts';
import type { Json } from '../../../lib/json.ts';
import { withExactTag, withTag } from '../../search-terms.ts';
import { countWithin } from '../../size.ts';
import { workflow, type Context, type Data } from '../../workflow.ts';
import { noteSamples, sample } from '../bulk/samples.ts';
import { ask, inParts, writeAndCompare, type Write } from '../bulk/steps.ts';
import { findTargets, missingMember, targetMembers } from '../bulk/targets.ts';
import { joined } from '../../joined.ts';
import { folded } from './rename-plan.ts';
import { renameTags } from './rename-tags.ts';

const input = z.strictObject({
  ...targetMembers,
  notes: distinctIds.optional(),
  add: tagList.optional(),
  remove: tagList.optional().describe('With child tags'),
  rename: z.record(z.string(), z.array(z.string())).optional().describe('{new: [old…]}, with child tags'),
});

type Input = z.output<typeof input>;

const tagCounts = z.looseObject({
  tag: z.string(),
  from: z.string().optional(),
  changed: z.int(),
  already: z.int().optional(),
  failed: z.int().optional(),
});

const output = z.looseObject({
  found: z.int().optional(),
  dryRun: z.string().optional(),
  missing: z.int().optional(),
  added: z.array(tagCounts).optional().describe('Notes'),
  removed: z.array(tagCounts).optional().describe('Notes'),
  renamed: z.array(tagCounts).optional().describe('Notes'),
  samples: z.array(sample),
});

type Report = Data<typeof output>;

/** Maximum number of tags to add or to remove in one call. */
const maxTags = 20;
/** Notes per action: longer lists make Anki react late. */
const notesPerAction = 5000;

export const editTags = workflow({
  title: 'Edit tags',
  description:
    'Adds and removes tags of the notes that a search finds, or renames and merges tags everywhere. Reports the notes by tag; dryRun only counts.',
  annotations: overwrites,
  input,
  output,
  async run(context, options) {
    const { add = [], remove = [], rename, dryRun = false } = options;
    refuseContradictions(options, add, remove);
    const reading = joined(context);
    if (!rename) return { result: await addAndRemove(context, reading, options) };
    const { tags, unknown, cleared, samples, errors } = await renameTags(context, reading, rename, dryRun);
    const result = {
      ...remarkOnDryRun(dryRun),
      ...fitting('renamed', tags, context.budget * 0.5),
      ...fitting('unknown', unknown, context.budget * 0.1),
      ...fitting('cleared', cleared, context.budget * 0.2),
      ...remarkOn(errors),
      samples,
    };
    return { result };
  },
});

function refuseContradictions(
  { query, notes, expect, rename }: Input,
  add: readonly string[],
  remove: readonly string[],
): void {
  const refuse = (reason: string): never => {
    throw new AnkiRefused(`Nothing was changed: ${reason}`);
  };
  const isRenaming = rename !== undefined && Object.keys(rename).length > 0;
  if (!isRenaming && add.length + remove.length === 0) refuse('pass add, remove or rename.');
  if (rename && add.length + remove.length > 0)
    refuse('pass rename alone, and add or remove in another call.');
  if (rename && (query !== undefined || notes !== undefined || expect !== undefined))
    refuse('rename changes the whole collection: pass it without query, notes and expect.');
  if (Math.max(add.length, remove.length) > maxTags)
    refuse(`one call adds or removes at most ${maxTags} tags.`);
  const odd = [...add, ...remove].find((tag) => tag === '' || /[\s*]/.test(tag));
  if (odd !== undefined)
    refuse(`"${echo(odd)}" is not the name of one tag: a tag has no spaces, and * is not allowed here.`);
  const both = add.find((tag) => remove.some((other) => `${folded(tag)}::`.startsWith(`${folded(other)}::`)));
  if (both !== undefined)
    refuse(`"${echo(both)}" would be added and removed; remove also removes child tags.`);
}

async function addAndRemove(context: Context, reading: Context, options: Input): Promise<Report> {
  const [add, remove] = [[...new Set(options.add)], [...new Set(options.remove)]];
  const found = await findTargets(reading, 'note', { ...options, ids: options.notes });
  const { ids } = found;
  const conditions = [...add.map(withExactTag), ...remove.map(withTag)];
  const question = { action: 'findNotes', ids, conditions } as const;
  const [had, samples] = await Promise.all([ask(reading, question), noteSamples(reading, ids)]);
  const lacking = add.map((tag, at) => ({ tag, notes: ids.filter((id) => had[at]?.has(id) !== true) }));
  const having = remove.map((tag, at) => ({ tag, notes: [...(had[add.length + at] ?? [])] }));
  const writes: Write[] = [
    ...having.flatMap(({ tag, notes }) => listSteps('removeTags', tag, notes)),
    ...lacking.flatMap(({ tag, notes }) => listSteps('addTags', tag, notes)),
    ...(having.some(({ notes }) => notes.length > 0)
      ? [{ action: 'clearUnusedTags', params: {} } as const]
      : []),
  ];
  const report = (
    before: readonly ReadonlySet<number>[],
    after: readonly ReadonlySet<number>[],
    errors: readonly string[],
  ): Report => ({
    found: ids.length,
    ...remarkOnDryRun(options.dryRun),
    ...missingMember(found),
    ...(add.length > 0 && { added: add.map((tag, at) => countsOf(tag, ids, before[at], after[at], true)) }),
    ...(remove.length > 0 && {
      removed: remove.map((tag, at) =>
        countsOf(tag, ids, before[add.length + at], after[add.length + at], false),
      ),
    }),
    ...remarkOn(errors),
    samples,
  });
  if (options.dryRun || writes.length === 0) {
    const everyNote = new Set(ids);
    return report(had, [...add.map(() => everyNote), ...remove.map(() => new Set<number>())], []);
  }
  await context.check('multi', { actions: writes.map(({ action, params }) => ({ action, params })) });
  const { before, after, errors } = await context.asOneStep((writing) =>
    writeAndCompare(writing, question, writes),
  );
  return report(before, after, errors);
}

const listSteps = (action: 'addTags' | 'removeTags', tags: string, notes: readonly number[]): Write[] =>
  inParts(notes, notesPerAction).map((part) => ({ action, params: { notes: part, tags } }));

/** Counts the notes that have a tag now and did not, or the reverse. */
function countsOf(
  tag: string,
  ids: readonly number[],
  before: ReadonlySet<number> = new Set(),
  after: ReadonlySet<number> = new Set(),
  isWanted: boolean,
): { tag: string; changed: number; already?: number; failed?: number } {
  const asWanted = ids.filter((id) => after.has(id) === isWanted);
  const changed = asWanted.filter((id) => before.has(id) !== isWanted).length;
  const already = asWanted.length - changed;
  const failed = ids.length - asWanted.length;
  // That a note never had a removed tag is of no interest.
  return {
    tag: echo(tag),
    changed,
    ...(already > 0 && isWanted && { already }),
    ...(failed > 0 && { failed }),
  };
}

const remarkOnDryRun = (dryRun = false): { dryRun?: string } =>
  dryRun ? { dryRun: 'Nothing was changed. These are the numbers that the change would have.' } : {};

const remarkOn = (errors: readonly string[]): { errors?: string[] } =>
  errors.length > 0 ? { errors: errors.slice(0, 5).map((error) => echo(error)) } : {};

/** Returns a list as a member, as much as fits into the bytes, and the number of further items. */
function fitting(name: string, items: readonly Json[], bytes: number): { [key: string]: Json } {
  if (items.length === 0 && name !== 'renamed') return {};
  const shown = items.slice(0, countWithin(items, bytes));
  return {
    [name]: shown,
    ...(shown.length < items.length && { [`more_${name}`]: items.length - shown.length }),
  };
}
