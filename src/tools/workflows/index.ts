import type { Workflow } from '../workflow.ts';
import { insights } from './insights/insights.ts';
import { overview } from './overview.ts';
import { searchNotes } from './search-notes.ts';
import { saveNotes } from './save-notes/save-notes.ts';
import { study } from './study.ts';
import { viewCards } from './view-cards.ts';

/** All workflows by tool name. */
export const workflows: Readonly<Record<string, Workflow>> = {
  insights,
  overview,
  saveNotes,
  searchNotes,
  study,
  viewCards,
};
