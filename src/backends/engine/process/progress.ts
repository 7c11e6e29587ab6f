import type { ActionName } from '../../../contract/index.ts';
import type { CallOptions } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Host } from './host.ts';
import { EngineError } from './engine-error.ts';
import type { Response } from './rpc.ts';

const interval = 500;

/** Anki puts every number between marks that no reader sees, and few terminals know. */
const plain = (words: string): string => words.replaceAll(/[\u2068\u2069]/g, '');

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function describe({ value: at }: Response<'latest_progress'>): string {
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

/** Nobody waits for a look: where it fails, so does the work that is looked at, and tells why. */
const aside = (look: Promise<void>): void => void look.catch(() => {});

/** Does a long work: tells how it goes, and stops it when the caller cancels. */
export async function watched<T>(
  engine: Engine,
  name: ActionName,
  { signal, progress }: CallOptions,
  work: () => Promise<T>,
): Promise<T> {
  // The last call's words stay until there are new ones.
  let told = describe(await engine.call('latest_progress', {}));
  const look = async () => {
    // Once more: a wish that comes before the work begins is forgotten.
    if (signal?.aborted) await stop(engine);
    const words = describe(await engine.call('latest_progress', {}));
    if (words === told || words === '') return;
    told = words;
    progress?.(words);
  };
  const timer = setInterval(() => aside(look()), interval);
  const cancel = () => aside(stop(engine));
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
