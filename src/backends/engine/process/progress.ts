import type { ActionName } from '../../../contract/index.ts';
import type { CallOptions } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Host } from './host.ts';
import { EngineError } from './engine-error.ts';
import type { RpcResponse } from './rpc.ts';

const intervalMs = 500;

/** Removes the invisible isolation characters that Anki puts around numbers. */
const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function describe({ value: at }: RpcResponse<'latest_progress'>): string {
  switch (at.case) {
    case 'importing':
    case 'exporting':
      return plain(at.value);
    case 'mediaSync':
      return plain(`Media: ${at.value.checked}, ${at.value.added}, ${at.value.removed}`);
    case 'normalSync':
      return plain(`${at.value.stage} ${at.value.added}, ${at.value.removed}`);
    case 'fullSync':
      return `${megabytes(at.value.transferred)} of ${megabytes(at.value.total)} MB`;
    case 'databaseCheck':
      return plain(`${at.value.stage} ${at.value.stageCurrent}/${at.value.stageTotal}`);
    default:
      return '';
  }
}

type Engine = Pick<Host, 'call'>;

async function stop(engine: Engine): Promise<void> {
  await engine.call('set_wants_abort', {});
  await engine.call('abort_sync', {});
  await engine.call('abort_media_sync', {});
}

/** Ignores errors of a progress check: the watched call fails for the same reason and reports it. */
const inBackground = (check: Promise<void>): void => void check.catch(() => {});

/** Runs a long call, reports its progress, and stops it when the caller cancels. */
export async function withProgress<T>(
  engine: Engine,
  name: ActionName,
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
  const timer = setInterval(() => inBackground(check()), intervalMs);
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
