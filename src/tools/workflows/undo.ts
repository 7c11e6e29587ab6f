import { z } from 'zod';
import { overwrites } from '../../contract/action.ts';
import { whyUndoIsEmpty } from '../../contract/engine/undo.ts';
import { AnkiRefused } from '../../contract/errors.ts';
import { workflow } from '../workflow.ts';

const input = z.strictObject({
  action: z.enum(['status', 'undo', 'redo']).default('status'),
  steps: z.int().min(1).max(30).default(1),
  expect: z.string().optional().describe('Refuse unless the next step has this name'),
});

const output = z.looseObject({
  undone: z.array(z.string()).optional(),
  redone: z.array(z.string()).optional(),
  undo: z.string().describe('Name of the step that undo takes back next'),
  redo: z.string(),
});

export const undo = workflow({
  title: 'Undo and redo',
  description:
    "Returns what Anki can undo and redo next, or undoes or redoes up to 30 steps and says what each was. Also takes back the user's own steps.",
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run({ operate }, { action, steps, expect }) {
    if (action === 'status') {
      const { undo: next, redo } = await operate('undoStatus', {});
      return { result: { undo: next, redo } };
    }
    const after = await operate(action, { steps, expect: { name: expect } });
    const done = after.steps;
    if (done.length === 0 && expect !== undefined && expect !== after[action])
      throw new AnkiRefused(otherStep(action, after[action], expect));
    if (done.length === 0)
      throw new AnkiRefused(`There is nothing to ${action}, and nothing was changed. ${whyUndoIsEmpty}`);
    const fewer = done.length < steps;
    return {
      result: {
        [action === 'undo' ? 'undone' : 'redone']: done,
        undo: after.undo,
        redo: after.redo,
      },
      ...(fewer && { note: `Only ${done.length} of ${steps} steps: there were no more.` }),
    };
  },
});

const otherStep = (action: string, next: string, expected: string): string =>
  `Nothing was changed: ${action} would take "${next}" next, not "${expected}".`;
