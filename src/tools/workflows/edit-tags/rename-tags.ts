import { randomUUID } from 'node:crypto';
import { AnkiRefused } from '../../../contract/errors.ts';
import { z } from 'zod';
import { withExactTag } from '../../search-terms.ts';
import type { Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { requireSamePlan } from '../same-plan.ts';
import { noteSamples, type Sample } from '../bulk/samples.ts';
import { inParts, writeAndCompare, type Write } from '../bulk/steps.ts';
import { folded, planRenaming, type Renaming } from './rename-plan.ts';

/** Maximum number of tags to replace in notes: each takes Anki about 1 ms. */
const maxReplaced = 20_000;

/** A tag, and the notes that have it. */
interface Tagged extends Renaming {
  readonly notes: readonly number[];
}

const replace = (notes: readonly number[], from: string, to: string): Write[] =>
  inParts(notes).map((part) => ({
    action: 'replaceTags',
    params: { notes: part, tag_to_replace: from, replace_with_tag: to },
    weight: part.length,
  }));

const clear: Write = { action: 'clearUnusedTags', params: {} };

/** Anki keeps the known spelling of a tag, so a tag that changes its letter case first gets another name. */
function writesFor(tagged: readonly Tagged[]): Write[] {
  const changesCase = ({ from, to }: Renaming) => folded(from) === folded(to);
  const respelled = tagged.filter((each) => changesCase(each));
  const others = tagged.filter((each) => !changesCase(each));
  const meanwhile = `renaming-${randomUUID().slice(0, 8)}`;
  return [
    ...(respelled.length > 0
      ? [
          ...respelled.flatMap(({ notes, from, to }) => replace(notes, from, `${meanwhile}::${to}`)),
          clear,
          ...respelled.flatMap(({ notes, to }) => replace(notes, `${meanwhile}::${to}`, to)),
        ]
      : []),
    ...others.flatMap(({ notes, from, to }) => replace(notes, from, to)),
    clear,
  ];
}

export interface Renamed {
  readonly tags: readonly {
    readonly tag: string;
    readonly from: string;
    readonly changed: number;
    readonly failed?: number;
  }[];
  readonly unknown: readonly string[];
  /** Tags that no note had any more, which were removed from the list of tags. */
  readonly cleared: readonly string[];
  readonly samples: readonly Sample[];
  readonly errors: readonly string[];
}

/** Returns all tags, those to rename with their notes, and those that do not exist. */
async function readPlan({ call }: Context, names: Readonly<Record<string, readonly string[]>>) {
  const before = await call('getTags', {});
  const { renamings, unknown } = planRenaming(names, before);
  const tagged: Tagged[] = await Promise.all(
    renamings.map(async (renaming) => ({
      ...renaming,
      notes: await call('findNotes', { query: withExactTag(renaming.from) }),
    })),
  );
  return { before, tagged, unknown };
}

/** Renames or merges tags with their child tags in the whole collection. */
export async function renameTags(
  context: Context,
  reading: Context,
  names: Readonly<Record<string, readonly string[]>>,
  dryRun: boolean,
): Promise<Renamed> {
  const agreed = await readPlan(reading, names);
  const { before, tagged, unknown } = agreed;
  const total = tagged.reduce((sum, { notes }) => sum + notes.length, 0);
  if (total > maxReplaced) {
    throw new AnkiRefused(
      `Nothing was changed: the notes have these tags ${total.toLocaleString('en')} times; one call replaces at most ${maxReplaced.toLocaleString('en')}. Rename fewer tags in one call.`,
    );
  }
  const samples = await noteSamples(reading, [...new Set(tagged.flatMap(({ notes }) => notes))]);
  const plan = { unknown, samples, cleared: [], errors: [] };
  if (dryRun || tagged.length === 0) {
    const tags = tagged.map(({ from, to, notes }) => ({ tag: to, from, changed: notes.length }));
    return { ...plan, tags };
  }
  const writes = writesFor(tagged);
  await context.check('multi', { actions: writes.map(({ action, params }) => ({ action, params })) });
  const reads = [
    ...tagged.map(({ to }) => ({ action: 'findNotes', params: { query: withExactTag(to) } }) as const),
    { action: 'getTags', params: {} } as const,
  ];
  const none = { action: 'findNotes', ids: [], conditions: [] } as const;
  const { results, errors } = await context.asOneStep(async (writing) => {
    requireSamePlan(agreed, await readPlan(joined(writing), names));
    return writeAndCompare(writing, none, writes, reads);
  });
  const after = z.array(z.string()).parse(results.at(-1));
  const tags = tagged.map(({ from, to, notes }, at) => {
    const having = new Set(z.array(z.int()).parse(results[at]));
    const changed = notes.filter((id) => having.has(id)).length;
    return {
      // Anki spells a child tag as it knows the parent.
      tag: after.find((tag) => folded(tag) === folded(to)) ?? to,
      from,
      changed,
      ...(changed < notes.length && { failed: notes.length - changed }),
    };
  });
  const known = new Set(after);
  return { ...plan, tags, errors, cleared: before.filter((tag) => !known.has(tag)) };
}
