import type { Response } from './rpc.ts';
export const statisticsPage = (scope: string, graphs: Response<'graphs'>): string =>
  scope + String(graphs.today?.answerCount);
