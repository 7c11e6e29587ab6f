import { isActionName } from '../contract/index.ts';
import { isDeep, own } from '../lib/json.ts';
import { anyAction, described } from './any-action.ts';
import { InvalidArguments, parseBy, unknownTool } from './arguments.ts';
import type { Environment, RunTool } from './context.ts';
import type { ManifestTool } from './manifest-tool.ts';
import { runAction } from './run-action.ts';
import { runWorkflow } from './run-workflow.ts';
import { Safeguard, type Conversation } from './safeguards/safeguard.ts';
import { anyActionName } from './toolsets.ts';
import type { ToolResult, Workflow } from './workflow.ts';
import * as exported from './workflows/index.ts';

const workflows: Readonly<Record<string, Workflow>> = exported;

export interface ToolCall extends Environment, Conversation {
  /** Names of the tools that this server offers. */
  readonly names: ReadonlySet<string>;
  /** The tools that runAction and multi may run: by default the offered ones. */
  readonly allowed?: ReadonlyMap<string, ManifestTool> | undefined;
  readonly name: string;
  readonly args: unknown;
  /** Asks for confirmation and makes backups before destructive calls. */
  readonly safeguard?: Safeguard | undefined;
}

/** Neither asks nor makes backups. */
const unguarded = new Safeguard({ confirm: 'never', backup: 'never' });

/** Runs an offered tool. runAction runs any allowed one, or describes it. */
export async function runTool(call: ToolCall): Promise<ToolResult> {
  const { names, allowed, name, args, maxResult } = call;
  if (!names.has(name))
    throw new InvalidArguments(allowed?.has(name) ? unlisted(name) : unknownTool(name, names));
  if (isDeep(args)) {
    throw new InvalidArguments(`The arguments of ${name} are nested too deeply. Nothing was sent to Anki.`);
  }
  if (name !== anyActionName) return run(call);
  const { action, params } = parseBy(name, anyAction.input, args);
  const tool = allowed?.get(action);
  if (!tool || action === anyActionName) throw new InvalidArguments(unknownTool(action, allowed ?? names));
  if (params === undefined) return described(tool, maxResult);
  return run({ ...call, name: action, args: params });
}

const unlisted = (name: string): string =>
  `${name} is not in the list of tools. Call ${anyActionName} with action: "${name}" and params instead. Nothing was sent to Anki.`;

async function run({ names, allowed, safeguard = unguarded, ...call }: ToolCall): Promise<ToolResult> {
  const { name } = call;
  const workflow = own(workflows, name);
  if (workflow) {
    const runOther: RunTool = (other, args, backend) =>
      runTool({ ...call, names, allowed, backend, name: other, args, ask: undefined, safeguard: unguarded });
    return runWorkflow(workflow, { ...call, safeguard, runTool: runOther });
  }
  if (isActionName(name)) return runAction(name, { ...call, safeguard }, allowed ?? names);
  throw new InvalidArguments(unknownTool(name, allowed ?? names));
}
