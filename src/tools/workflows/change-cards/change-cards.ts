import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { deckName, distinctIds } from '../../../contract/schemas.ts';
import { echo } from '../../../lib/cut.ts';
import { workflow, type Context, type Data } from '../../workflow.ts';
import { decksOf, findIn } from '../deck-name.ts';
import { joined } from '../../joined.ts';
import { requireSamePlan } from '../same-plan.ts';
import { cardSamples, sample } from '../bulk/samples.ts';
import { ask, writeAndCompare, type Outcome, type Question } from '../bulk/steps.ts';
import { findTargets, missingMember, targetMembers } from '../bulk/targets.ts';
import { due, flag, forget, position, suspend, toDeck, type Change } from './changes.ts';
import { newPositions } from './new-positions.ts';

const input = z.strictObject({
  ...targetMembers,
  cards: distinctIds.optional(),
  suspend: z.boolean().optional(),
  bury: z.boolean().optional(),
  flag: z.int().min(0).max(7).optional(),
  deck: deckName.optional(),
  due: z
    .string()
    .regex(/^\d{1,5}(-\d{1,5})?!?$/)
    .optional()
    .describe('As in setDueDate'),
  position: z.int().min(0).optional(),
  forget: z.boolean().optional(),
});

type Input = z.output<typeof input>;

/** Numbers of cards: changed, already, failed, notNew. */
const counts = z.record(z.string(), z.int());

const output = z.looseObject({
  found: z.int(),
  dryRun: z.string().optional(),
  missing: z.int().optional(),
  changes: z.record(z.string(), counts),
  deck: z.string().optional(),
  samples: z.array(sample),
});

type Counts = Readonly<Record<string, number>>;

/** Maximum number of cards that are flagged in one call: each is a separate action. */
const maxFlagged = 2000;

export const changeCards = workflow({
  title: 'Change cards',
  description:
    'Suspends, flags, moves, reschedules, resets or repositions (new) all cards that a search finds. Reports the numbers; dryRun only counts.',
  annotations: { ...overwrites, idempotentHint: false },
  input,
  output,
  async run(context, options) {
    refuseImpossible(options);
    const reading = joined(context);
    const [found, target] = await Promise.all([
      findTargets(reading, 'card', { ...options, ids: options.cards }),
      options.deck === undefined ? undefined : targetDeck(reading, options.deck),
    ]);
    const { ids } = found;
    const changes = await changesOf(reading, options, ids, target);
    const question = questionOf(ids, changes);
    const [states, samples] = await Promise.all([ask(reading, question), cardSamples(reading, ids)]);
    const plan = planOf(changes, ids, states);
    const { dryRun = false } = options;
    const result = (changed: Readonly<Record<string, Counts>>, more: object = {}): Data<typeof output> => ({
      found: ids.length,
      ...(dryRun && { dryRun: 'Nothing was changed. These are the numbers that the change would have.' }),
      ...missingMember(found),
      changes: changed,
      ...(target && { deck: target.name, ...(target.id === undefined && { deckIsNew: true }) }),
      ...more,
      samples,
    });
    if (dryRun) return { result: result(foreseen(plan, ids)) };
    const actions = plan.flatMap(({ steps }) => steps.map((step) => ({ ...step })));
    if (actions.length === 0) return { result: result(foreseen(plan, ids)) };
    await context.check('multi', { actions });
    const outcome = await context.asOneStep(async (writing) => {
      // changeDeck would create a deck of the old name.
      if (target) requireSamePlan(target, await targetDeck(joined(writing), target.name));
      return carryOut(writing, ids, plan, target);
    });
    return { result: result(counted(plan, ids, outcome), remarksOn(outcome, plan)) };
  },
});

/** Throws for what Anki-Connect cannot do, and for changes that contradict each other. */
function refuseImpossible(options: Input): void {
  const { bury, forget: isForgotten = false, due: days, position: first } = options;
  const refuse = (reason: string): never => {
    throw new AnkiRefused(`Nothing was changed: ${reason}`);
  };
  if (bury !== undefined) {
    refuse(
      'Anki-Connect cannot bury or unbury cards. Use suspend, which lasts until suspend: false, or due: "1" for tomorrow; or ask the user to bury the cards in Anki (Browse, then Cards > Toggle Bury).',
    );
  }
  const names = ['suspend', 'flag', 'deck', 'due', 'position'] as const;
  if (!isForgotten && names.every((name) => options[name] === undefined)) {
    refuse(`pass at least one of ${names.join(', ')} or forget: true.`);
  }
  const conflicting = [
    ...(isForgotten ? ['forget'] : []),
    ...(days === undefined ? [] : ['due']),
    ...(first === undefined ? [] : ['position']),
  ];
  if (conflicting.length > 1) {
    refuse(`${conflicting.join(' and ')} replace each other's schedule. Make them in separate calls.`);
  }
}

interface TargetDeck {
  readonly name: string;
  /** Undefined if the deck does not exist yet. */
  readonly id: number | undefined;
}

async function targetDeck({ call }: Context, wanted: string): Promise<TargetDeck> {
  const [decks, exact] = await Promise.all([
    call('deckNamesAndIds', {}),
    call('getDeckConfig', { deck: wanted }),
  ]);
  const found = findIn(decksOf(decks), wanted);
  if (!found) return { name: wanted, id: undefined };
  const { name } = found;
  const config = exact === false ? await call('getDeckConfig', { deck: name }) : exact;
  if (config !== false && config['dyn'] === 1) {
    throw new AnkiRefused(
      `Nothing was changed: ${echo(name)} is a filtered deck. Anki fills it by a search, cards cannot be moved there.`,
    );
  }
  return found;
}

async function changesOf(
  context: Context,
  options: Input,
  ids: readonly number[],
  target: TargetDeck | undefined,
): Promise<Change[]> {
  const { suspend: isSuspended, flag: number, due: days, position: first, forget: isForgotten } = options;
  const unsuspends = isForgotten === true || days !== undefined;
  return [
    ...(isForgotten ? [forget] : []),
    ...(days === undefined ? [] : [due(days, isSuspended === true)]),
    ...(first === undefined
      ? []
      : [position(await newPositions(context, ids, first, options.cards !== undefined))]),
    ...(target ? [toDeck(target.name, target.id)] : []),
    ...(number === undefined ? [] : [flag(number)]),
    // Last, because other changes unsuspend cards.
    ...(isSuspended === undefined ? [] : [suspend(isSuspended, unsuspends)]),
  ];
}

const questionOf = (ids: readonly number[], changes: readonly Change[]): Question => ({
  action: 'findCards',
  ids,
  conditions: [...changes.map(({ wanted }) => wanted), 'is:suspended'],
});

interface Planned {
  readonly change: Change;
  readonly asWanted: ReadonlySet<number>;
  readonly steps: ReturnType<Change['stepsFor']>;
}

function planOf(
  changes: readonly Change[],
  ids: readonly number[],
  states: readonly ReadonlySet<number>[],
): Planned[] {
  return changes.map((change, at) => {
    const asWanted = states[at] ?? new Set();
    const steps = change.stepsFor(
      applicable(change, ids).filter((id) => change.writesAll || !asWanted.has(id)),
    );
    if (change.name === 'flag' && steps.length > maxFlagged) {
      throw new AnkiRefused(
        `Nothing was changed: one call flags at most ${maxFlagged.toLocaleString('en')} cards, and these are ${steps.length.toLocaleString('en')}. Narrow the query.`,
      );
    }
    return { change, asWanted, steps };
  });
}

const applicable = ({ only }: Change, ids: readonly number[]): number[] =>
  ids.filter((id) => !only || only.has(id));

/** Returns the counts of one change. `isChanged` and `isWanted` describe a card after it. */
function countsOf(
  change: Change,
  ids: readonly number[],
  isChanged: (id: number) => boolean,
  isWanted: (id: number) => boolean,
): Counts {
  const cards = applicable(change, ids);
  const changed = cards.filter((id) => isChanged(id)).length;
  const failed = cards.filter((id) => !isWanted(id)).length;
  const already = cards.length - changed - failed;
  return {
    changed,
    ...(already > 0 && { already }),
    ...(failed > 0 && { failed }),
    ...(change.only && cards.length < ids.length && { notNew: ids.length - cards.length }),
  };
}

/** Returns what the changes would do. */
const foreseen = (plan: readonly Planned[], ids: readonly number[]): Record<string, Counts> =>
  Object.fromEntries(
    plan.map(({ change, asWanted }) => [
      change.name,
      countsOf(
        change,
        ids,
        (id) => change.changesAll === true || !asWanted.has(id),
        () => true,
      ),
    ]),
  );

/** Returns what changed, from the searches before and after. */
const counted = (
  plan: readonly Planned[],
  ids: readonly number[],
  { before, after }: Outcome,
): Record<string, Counts> =>
  Object.fromEntries(
    plan.map(({ change }, at) => {
      const [had, has] = [before[at], after[at]];
      const isWanted = (id: number) => has?.has(id) ?? false;
      const isChanged = (id: number) => isWanted(id) && (change.changesAll === true || had?.has(id) !== true);
      return [change.name, countsOf(change, ids, isChanged, isWanted)];
    }),
  );

async function carryOut(
  writing: Context,
  ids: readonly number[],
  plan: readonly Planned[],
  target: TargetDeck | undefined,
): Promise<Outcome> {
  const created =
    target && target.id === undefined ? await writing.call('createDeck', { deck: target.name }) : undefined;
  const changes = plan.map(({ change }) =>
    change.name === 'deck' && target ? toDeck(target.name, target.id ?? created) : change,
  );
  const writes = plan.flatMap(({ steps }) => steps);
  const nameOf = { action: 'deckNameFromId', params: { deckId: created } } as const;
  return writeAndCompare(writing, questionOf(ids, changes), writes, created === undefined ? [] : [nameOf]);
}

/** Returns Anki's errors, the name of a new deck, and the number of cards that forget or due unsuspended. */
function remarksOn({ before, after, errors, results }: Outcome, plan: readonly Planned[]): object {
  const isAsked = plan.some(({ change }) => change.name === 'suspend');
  const [had, has] = [before.at(-1), after.at(-1)];
  const unsuspended = isAsked ? 0 : [...(had ?? [])].filter((id) => has?.has(id) !== true).length;
  const [deck] = results;
  return {
    ...(deck !== undefined && { deck }), // Anki may have changed the name
    ...(unsuspended > 0 && { alsoUnsuspended: unsuspended }),
    ...(errors.length > 0 && { errors: errors.slice(0, 5).map((error) => echo(error)) }),
  };
}
