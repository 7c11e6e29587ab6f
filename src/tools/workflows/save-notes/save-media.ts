import { readMedia, type Media } from '../../media/media-source.ts';
import { MediaRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import { batch, read } from '../joined.ts';
import { type Draft, type DraftMedia, markupOf } from './save-draft.ts';
import { messageOf } from '../../../lib/error.ts';

/** The add-on reads larger requests ever more slowly. */
const mostAtOnce = 2_000_000;
const mostBytes = 100 * 1024 * 1024;
const atATime = 4;

export interface File {
  readonly filename: string;
  readonly data: string;
  readonly isPicture: boolean;
}

const open = (drafts: readonly Draft[]): Draft[] => drafts.filter(({ outcome }) => !outcome);

/** The media of drafts; one whose file cannot be had is invalid. Each source is read once. */
export async function readFiles(
  { media: policy, signal }: Context,
  drafts: readonly Draft[],
): Promise<Map<DraftMedia, File>> {
  const sources = new Map<string, Promise<Media>>();
  const files = new Map<DraftMedia, File>();
  let bytes = 0;
  const fetched = async (source: DraftMedia): Promise<Media> => {
    const { data, path, url } = source;
    const key = JSON.stringify([data, path, url]);
    const known = sources.get(key);
    if (known) return known;
    const media = readMedia(source, policy, signal);
    sources.set(key, media);
    bytes += (await media).bytes.length;
    if (bytes > mostBytes) throw new MediaRefused('The media of one call may be 100 MB together.');
    return media;
  };
  const ofDraft = async (draft: Draft) => {
    try {
      for (const source of draft.media) {
        const { bytes, kind } = await fetched(source);
        const isPicture = kind === 'image';
        files.set(source, { filename: source.filename, data: bytes.toString('base64'), isPicture });
        source.markup = markupOf(source.filename.toLowerCase(), isPicture);
      }
    } catch (error) {
      signal?.throwIfAborted();
      draft.settle('invalid', messageOf(error));
    }
  };
  const todo = open(drafts).filter(({ media }) => media.length > 0);
  for (let at = 0; at < todo.length; at += atATime) {
    await Promise.all(todo.slice(at, at + atATime).map(ofDraft));
  }
  return files;
}

interface Task {
  readonly action: 'createDeck' | 'storeMediaFile';
  readonly params: { readonly [key: string]: string | boolean };
  readonly size: number;
  readonly drafts: Draft[];
  readonly done: (result: unknown) => void;
}

interface Store {
  readonly task: Task;
  /** What is to be shown by the name under which the file is stored. */
  readonly media: DraftMedia[];
}

/** A file of the same name and other content stays: this one then gets another name. */
function storing({ filename, data, isPicture }: File): Store {
  const media: DraftMedia[] = [];
  const done = (name: unknown) => {
    for (const each of media) each.markup = markupOf(String(name), isPicture);
  };
  const params = { filename, data, deleteExisting: false };
  return { task: { action: 'storeMediaFile', params, size: data.length, drafts: [], done }, media };
}

/** Makes decks and stores media, before the notes that need them: where that fails, a note is not sent. */
export async function prepare(
  context: Context,
  drafts: readonly Draft[],
  newDecks: readonly string[],
  files: ReadonlyMap<DraftMedia, File>,
): Promise<void> {
  const tasks: Task[] = newDecks.map((deck) => ({
    action: 'createDeck',
    params: { deck },
    size: deck.length,
    drafts: open(drafts).filter((draft) => draft.deck === deck),
    done: () => {},
  }));
  const stores = new Map<string, Store>();
  for (const draft of open(drafts)) {
    for (const source of draft.media) {
      const file = files.get(source);
      if (!file) continue;
      const key = `${file.filename} ${file.data}`;
      const store = stores.get(key) ?? storing(file);
      stores.set(key, store);
      store.task.drafts.push(draft);
      store.media.push(source);
    }
  }
  for (const { task } of stores.values()) tasks.push(task);
  while (tasks.length > 0) {
    let size = 0;
    const end = tasks.findIndex((task, at) => (size += task.size) > mostAtOnce && at > 0);
    await carryOut(context, tasks.splice(0, end < 0 ? tasks.length : end));
  }
}

async function carryOut(context: Context, tasks: readonly Task[]): Promise<void> {
  const replies = await batch(context, tasks).catch((error: unknown) => messageOf(error));
  for (const [at, { action, drafts, done }] of tasks.entries()) {
    try {
      if (typeof replies === 'string') throw new Error(replies);
      done(read(action, replies[at]));
    } catch (error) {
      const why = `${action} failed, so the note was not sent: ${messageOf(error)}`;
      for (const draft of open(drafts)) draft.settle('failed', why);
    }
  }
}
