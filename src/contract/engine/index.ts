import type { BuryOperations } from './bury.ts';
import type { CareOperations } from './care.ts';
import type { DeckOperations } from './deck.ts';
import type { DifferenceOperations } from './difference.ts';
import type { FilteredDeckOperations } from './filtered-deck.ts';
import type { FsrsOperations } from './fsrs.ts';
import type { OcclusionOperations } from './occlusion.ts';
import type { RenderOperations } from './render.ts';
import type { UndoOperations } from './undo.ts';

/**
 * What Anki's engine does beyond Anki-Connect's actions. Each operation takes one object; a desktop has none of them.
 * A member is the signature of the operation; callers get a promise of its result.
 */
export interface EngineOperations
  extends
    BuryOperations,
    CareOperations,
    DeckOperations,
    DifferenceOperations,
    FilteredDeckOperations,
    FsrsOperations,
    OcclusionOperations,
    RenderOperations,
    UndoOperations {}

export type OperationName = keyof EngineOperations;
export type OperationParams<N extends OperationName> = Parameters<EngineOperations[N]>[0];
export type OperationResult<N extends OperationName> = ReturnType<EngineOperations[N]>;
