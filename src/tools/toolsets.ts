import { reads } from '../contract/action.ts';
import { own } from '../lib/json.ts';
import { nearest } from '../lib/nearest.ts';
import type { ManifestTool } from './manifest-tool.ts';

/** The tool that runs any action, also one that is not in the list of tools. */
export const anyActionName = 'runAction';

/** Actions of the toolset `core`, next to all workflows: enough for most tasks. runAction runs the others. */
export const coreActions: readonly string[] = [
  'answerCards',
  'cardsInfo',
  'clearUnusedTags',
  'createDeck',
  'deleteNotes',
  'exportPackage',
  'findCards',
  'findNotes',
  'guiUndo',
  'modelFieldAdd',
  'modelStyling',
  'modelTemplates',
  'notesInfo',
  'storeMediaFile',
  'sync',
  'updateModelStyling',
  'updateModelTemplates',
];

export interface Choice {
  readonly toolsets?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly readOnly: boolean;
  /** Whether calls can reach Anki's engine. Default: true. */
  readonly hasEngine?: boolean | undefined;
}

/** Names of actions by category. */
export type Categories = Readonly<Record<string, readonly string[]>>;

/** What a server offers, and what runAction and multi may run there. */
export interface Chosen {
  readonly offered: readonly ManifestTool[];
  readonly allowed: readonly ManifestTool[];
}

/**
 * Returns the chosen tools: toolsets plus single tools, minus excluded ones; read-only overrides all. All that is neither
 * excluded nor forbidden by read-only is allowed, if runAction is offered. Without the engine, its tools do not exist. Throws UnknownName.
 */
export function chooseTools(all: readonly ManifestTool[], categories: Categories, choice: Choice): Chosen {
  const { hasEngine = true } = choice;
  const usable = hasEngine ? all : all.filter(({ needsEngine }) => !needsEngine);
  const known = usable.map(({ name }) => name);
  const { toolsets = choice.tools ? [] : ['all'], tools = [], exclude = [] } = choice;
  const sets = { ...categories, all: known, core: coreOf(known, categories) };
  const wanted = new Set([...toolsets.flatMap((name) => lookUp(name, sets)), ...tools]);
  for (const name of [...tools, ...exclude])
    if (!all.some((tool) => tool.name === name)) throw unknown('tool', name, known);
  for (const name of tools) if (!known.includes(name)) throw new UnknownName(needsEngine(name));
  const allowed = usable
    .map((tool) => (choice.readOnly ? asReadOnly(tool) : tool))
    .filter(
      ({ name, annotations }) => !exclude.includes(name) && (annotations.readOnlyHint || !choice.readOnly),
    );
  const chosen = allowed.filter(({ name, ui }) => wanted.has(name) && !ui?.appOnly);
  const offered = allowed.filter((tool) => chosen.includes(tool) || servesPanel(tool, chosen));
  if (!offered.some(({ name }) => name === anyActionName)) return { offered, allowed: offered };
  return { offered, allowed: allowed.filter((tool) => !tool.ui?.appOnly || offered.includes(tool)) };
}

/** Returns true for a tool that the panel of a chosen tool calls. */
const servesPanel = ({ ui }: ManifestTool, chosen: readonly ManifestTool[]): boolean =>
  ui?.appOnly === true && chosen.some((tool) => tool.ui?.panel === ui.panel);

/** All workflows, and the most important actions. */
function coreOf(known: readonly string[], categories: Categories): readonly string[] {
  const actions = new Set(Object.values(categories).flat());
  return known.filter((name) => !actions.has(name) || coreActions.includes(name));
}

/** With --read-only, runAction runs only what reads. */
const asReadOnly = (tool: ManifestTool): ManifestTool =>
  tool.name === anyActionName ? { ...tool, annotations: reads } : tool;

function lookUp(name: string, sets: Categories): readonly string[] {
  const found = own(sets, name);
  if (!found) throw unknown('toolset', name, Object.keys(sets));
  return found;
}

/** A tool or toolset that does not exist. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
}

const needsEngine = (name: string): string =>
  `the tool "${name}" needs Anki's engine: add --collection PATH or --profile NAME`;

function unknown(kind: 'tool' | 'toolset', name: string, known: readonly string[]): UnknownName {
  const similar = nearest(name, known);
  return new UnknownName(
    `unknown ${kind} "${name}"${similar === undefined ? '' : `; did you mean "${similar}"?`}`,
  );
}
