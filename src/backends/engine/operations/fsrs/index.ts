import type { FsrsOperations } from '../../../../contract/engine/fsrs.ts';
import type { Operations } from '../operation.ts';
import { formOf, stateOf } from './form.ts';
import { memoryStates } from './memory-states.ts';
import { simulate } from './simulate.ts';

export const fsrs: Operations<keyof FsrsOperations> = {
  fsrsState: {
    title: 'FSRS state',
    kind: 'read',
    run: async (session, { deckId }) => stateOf(await formOf(session, deckId)),
  },
  memoryStates: {
    title: 'Memory states',
    kind: 'read',
    run: (session, { search, samples }) => memoryStates(session, search, samples),
  },
  simulateReviews: {
    title: 'Simulate reviews',
    kind: 'read',
    run: (session, simulation) => simulate(session, simulation),
  },
};
