// Every export is a workflow, and its name is the tool's name.
export { backups } from './backups/backups.ts';
export { changeCards } from './change-cards/change-cards.ts';
export { deckOptions } from './deck-options/deck-options.ts';
export { editTags } from './edit-tags/edit-tags.ts';
export { exportNotes } from './export-notes/export-notes.ts';
export { filteredDeck } from './filtered-deck/filtered-deck.ts';
export { findReplace } from './find-replace/find-replace.ts';
export { fsrs } from './fsrs/fsrs.ts';
export { importNotes } from './import-notes/import-notes.ts';
export { insights } from './insights/insights.ts';
export { overview } from './overview.ts';
export { saveNotes } from './save-notes/save-notes.ts';
export { searchNotes } from './search-notes.ts';
export { study } from './study/study.ts';
export { undo } from './undo.ts';
export { studyPanel } from './study/panel/study-panel.ts';
export { viewCards } from './view-cards.ts';
