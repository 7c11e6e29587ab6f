import { overwrites } from '../../../contract/action.ts';
import { workflow } from '../../workflow.ts';
import { input, output } from './input.ts';
import { reviewMasks } from './editor/review-masks.ts';
import { pathsOf } from './picture.ts';
import { asPlanned, planOf } from './plan.ts';
import { report } from './report.ts';
import { save } from './save.ts';
import { requireMask, unitOf } from './shapes.ts';

export const occludeImage = workflow({
  title: 'Image occlusion',
  description: 'Hides parts of a picture, one card each, and shows the cards. note alone: reads it.',
  annotations: { ...overwrites, idempotentHint: false, openWorldHint: true },
  needsEngine: true,
  input,
  output,
  ui: { panel: 'occlusion' },
  paths: ({ picture }) => pathsOf(picture),
  async run(context, args) {
    if (args.review) return reviewMasks(context, args);
    const plan = await planOf(context, args);
    if (args.shapes) requireMask(plan.shapes);
    const done = args.dryRun
      ? asPlanned(plan, 'dry run: nothing was saved')
      : await save(context, plan.target, plan.shapes);
    return report(context, done, { unit: unitOf(args) });
  },
});
