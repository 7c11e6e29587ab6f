import type { CallOptions } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Host } from './host.ts';
import { EngineError } from './engine-error.ts';
import type { RpcResponse } from './rpc.ts';

/** Milliseconds between two progress checks. */
const checkIntervalMs = 500;

/** Removes the invisible isolation characters that Anki puts around numbers. */
export const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** Returns a progress message, or '' if the engine reports none. */
function describe({ value: progress }: RpcResponse<'latest_progress'>): string {
  switch (progress.case) {
    case 'importing':
    case 'exporting':
      return plain(progress.value);
    case 'normalSync':
      return plain(`${progress.value.stage} ${progress.value.added}, ${progress.value.removed}`);
    case 'fullSync':
      return `${megabytes(progress.value.transferred)} of ${megabytes(progress.value.total)} MB`;
    case 'databaseCheck':
      return plain(`${progress.value.stage} ${progress.value.stageCurrent}/${progress.value.stageTotal}`);
    case 'computeParams':
      return progress.value.total === 0
        ? ''
        : `parameters, round ${progress.value.current} of ${progress.value.total}`;
    case 'computeMemory':
      return `memory states, card ${progress.value.currentCards} of ${progress.value.totalCards}`;
    default:
      return '';
  }
}

type Calls = Pick<Host, 'call'>;

async function stop(engine: Calls): Promise<void> {
  await engine.call('set_wants_abort', {});
  await engine.call('abort_sync', {});
}

/** Ignores errors of a progress check: the watched call fails for the same reason and reports it. */
const inBackground = (check: Promise<void>): void => void check.catch(() => {});

/** Runs a long call, reports its progress, and stops it when the caller cancels. */
export async function withProgress<T>(
  engine: Calls,
  name: string,
  { signal, progress }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  // The engine keeps the last call's progress until there is a new one.
  let last = describe(await engine.call('latest_progress', {}));
  const check = async () => {
    // Repeated, because the engine forgets a stop request that arrives before the work begins.
    if (signal?.aborted) await stop(engine);
    const message = describe(await engine.call('latest_progress', {}));
    if (message === last || message === '') return;
    last = message;
    progress?.(message);
  };
  const timer = setInterval(() => inBackground(check()), checkIntervalMs);
  const cancel = () => inBackground(stop(engine));
  signal?.addEventListener('abort', cancel);
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'INTERRUPTED')
      throw new AnkiRefused(`${name} was cancelled before it was done.`);
    throw error;
  } finally {
    clearInterval(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
