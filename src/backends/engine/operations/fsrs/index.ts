import type { FsrsOperations } from '../../../../contract/engine/fsrs.ts';
import type { Operations } from '../operation.ts';
import { withCopyOpen } from '../../session/copy.ts';
import { change } from './change.ts';
import { formOf, stateOf } from './form.ts';
import { memoryStates } from './memory-states.ts';
import { optimize } from './optimize.ts';
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
  optimizePreset: {
    title: 'Optimize FSRS',
    kind: 'read',
    slow: true,
    run: (session, { presetId, search }) => optimize(session, presetId, search),
  },
  changeFsrs: {
    title: 'Change FSRS',
    kind: 'step',
    slow: true,
    run: async (session, wanted) => {
      const effect = await change(session, wanted);
      session.resetForAdding();
      return effect;
    },
  },
  tryFsrsChange: {
    title: 'Try a change of FSRS',
    kind: 'read',
    run: (session, wanted) => withCopyOpen(session, (copy) => change(copy, wanted)),
  },
};
