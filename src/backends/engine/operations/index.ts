import type { OperationName } from '../../../contract/engine/index.ts';
import { bury } from './bury.ts';
import type { Operations } from './operation.ts';
import { fsrs } from './fsrs/index.ts';
import { undo } from './undo.ts';

export const operations: Operations<OperationName> = { ...bury, ...fsrs, ...undo };
