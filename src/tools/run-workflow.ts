import { parseBy } from './arguments.ts';
import { contextOf, type RunTool } from './context.ts';
import { outsideOf, outsideRisks } from './files/call-files.ts';
import type { GuardedCall } from './run-action.ts';
import type { ToolResult, Workflow } from './workflow.ts';

/** Runs a workflow, after the user has confirmed the files that it reads. The workflow makes its own calls. */
export async function runWorkflow(
  workflow: Workflow,
  { name, args, safeguard, ask, notify, ...options }: GuardedCall & { readonly runTool: RunTool },
): Promise<ToolResult> {
  const { backend } = options;
  const conversation = { ...options, ask, notify };
  const input = parseBy(name, workflow.input, args);
  const { media: policy } = contextOf(options);
  const reader = { policy, canAsk: safeguard.canAsk(conversation) };
  const confirmed = await outsideOf(workflow.paths?.(input) ?? [], reader);
  const risks = await outsideRisks(confirmed);
  if (risks.length > 0)
    await safeguard.approve(backend, { actions: [name], assess: async () => risks }, conversation);
  const context = contextOf({
    ...options,
    strict: true,
    media: { ...policy, confirmed },
    canAsk: reader.canAsk,
    approve: async (operation) => {
      await safeguard.approve(backend, operation, conversation);
    },
    check: safeguard.checkFor(backend, conversation),
  });
  return workflow.run(context, input);
}
