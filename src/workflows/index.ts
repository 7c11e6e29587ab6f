import type { Workflow } from '../workflow.ts';
import { overview } from './overview.ts';
import { study } from './study.ts';

/** The tools above the actions, by name. */
export const workflows: Readonly<Record<string, Workflow>> = { overview, study };
