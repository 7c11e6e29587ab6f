import type { OperationName } from '../../../contract/engine/index.ts';
import { bury } from './bury.ts';
import type { Operations } from './operation.ts';
import { care } from './care.ts';
import { deck } from './deck.ts';
import { difference } from './difference/index.ts';
import { filteredDeck } from './filtered-deck.ts';
import { fsrs } from './fsrs/index.ts';
import { occlusion } from './occlusion.ts';
import { renderNote } from './render-note.ts';
import { undo } from './undo.ts';

export const operations: Operations<OperationName> = {
  ...bury,
  ...care,
  ...deck,
  ...difference,
  ...filteredDeck,
  ...fsrs,
  ...occlusion,
  ...renderNote,
  ...undo,
};
