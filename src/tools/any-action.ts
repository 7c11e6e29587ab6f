import { z } from 'zod';
import { overwrites } from '../contract/action.ts';
import { optionalOrEmpty } from '../contract/schemas.ts';
import { defaultBudget } from './bounded.ts';
import type { ManifestTool } from './manifest-tool.ts';
import { fitted } from './shortened.ts';
import { anyActionName } from './toolsets.ts';
import type { JsonResult } from './workflow.ts';

/** The tool runAction: it runs any allowed tool by name, also one that is not in the list of tools. */
export const anyAction = {
  title: 'Run any action',
  description:
    'Runs any other Anki-Connect action by name, with the same checks as a listed tool. Without params it runs nothing and returns the description and input schema; {} runs an action without parameters. apiReflect lists the names.',
  annotations: { ...overwrites, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    action: z.string(),
    params: optionalOrEmpty(z.looseObject({}).describe('Absent: describe; {}: run without parameters')),
  }),
};

/** Returns what tools/list would show about a tool. */
export function described(
  { name, description, inputSchema }: ManifestTool,
  maxBytes = defaultBudget,
): JsonResult {
  const text: unknown = { name, description, inputSchema };
  const note = `Nothing was run. To run it, call ${anyActionName} with params: {…}, or {} if it needs none.`;
  return { result: fitted(JSON.parse(JSON.stringify(text)), maxBytes), note };
}
