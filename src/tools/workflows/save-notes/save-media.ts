import { MediaRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { readMedia, type Media } from '../../media/media-source.ts';
import type { Context } from '../../workflow.ts';
import { batch, resultOf } from '../../joined.ts';
import { unsettled, type Draft, type DraftMedia, markupOf } from './save-draft.ts';

/** Maximum base64 characters in one request: the add-on reads larger requests ever more slowly. */
const maxRequestCharacters = 2_000_000;
/** Maximum bytes of all media of a call. */
const maxTotalBytes = 100 * 1024 * 1024;
/** Number of notes whose media are read at the same time. */
const concurrency = 4;

/** A media file to store. */
export interface MediaUpload {
  readonly filename: string;
  readonly data: string;
  readonly isPicture: boolean;
}

/** Reads the media of drafts, each source once. A draft whose file cannot be read becomes invalid. */
export async function readUploads(
  { media: policy, signal }: Context,
  drafts: readonly Draft[],
): Promise<Map<DraftMedia, MediaUpload>> {
  const sources = new Map<string, Promise<Media>>();
  const uploads = new Map<DraftMedia, MediaUpload>();
  let totalBytes = 0;
  const readOnce = async (source: DraftMedia): Promise<Media> => {
    const { data, path, url } = source;
    const key = JSON.stringify([data, path, url]);
    const known = sources.get(key);
    if (known) return known;
    const media = readMedia(source, policy, signal);
    sources.set(key, media);
    totalBytes += (await media).bytes.length;
    if (totalBytes > maxTotalBytes)
      throw new MediaRefused('All media files of one call together may have at most 100 MB.');
    return media;
  };
  const readAll = async (draft: Draft) => {
    try {
      for (const source of draft.media) {
        const { bytes, kind } = await readOnce(source);
        const isPicture = kind === 'image';
        uploads.set(source, { filename: source.filename, data: bytes.toString('base64'), isPicture });
        source.markup = markupOf(source.filename.toLowerCase(), isPicture);
      }
    } catch (error) {
      signal?.throwIfAborted();
      draft.settle('invalid', messageOf(error));
    }
  };
  const pending = unsettled(drafts).filter(({ media }) => media.length > 0);
  for (let start = 0; start < pending.length; start += concurrency) {
    await Promise.all(pending.slice(start, start + concurrency).map(readAll));
  }
  return uploads;
}

/** A call that drafts depend on. If it fails, they are not sent. */
interface Task {
  readonly action: 'createDeck' | 'storeMediaFile';
  readonly params: { readonly [key: string]: string | boolean };
  /** Characters of the request. */
  readonly size: number;
  readonly drafts: Draft[];
  readonly done: (result: unknown) => void;
}

interface UploadTask {
  readonly task: Task;
  /** Media whose markup gets the name under which the file is stored. */
  readonly media: DraftMedia[];
}

/** Stores a file. An existing file with the same name and other content is kept, and this one gets another name. */
function uploadTask({ filename, data, isPicture }: MediaUpload): UploadTask {
  const media: DraftMedia[] = [];
  const done = (name: unknown) => {
    for (const each of media) {
      each.stored = String(name);
      each.markup = markupOf(each.stored, isPicture);
    }
  };
  const params = { filename, data, deleteExisting: false };
  return { task: { action: 'storeMediaFile', params, size: data.length, drafts: [], done }, media };
}

/** Creates decks and stores media before the notes that need them. If that fails, the note is not sent. */
export async function prepare(
  context: Context,
  drafts: readonly Draft[],
  newDecks: readonly string[],
  uploads: ReadonlyMap<DraftMedia, MediaUpload>,
): Promise<void> {
  const pending = unsettled(drafts);
  const tasks: Task[] = newDecks.map((deck) => ({
    action: 'createDeck',
    params: { deck },
    size: deck.length,
    drafts: pending.filter((draft) => draft.deck === deck),
    done: () => {},
  }));
  const byFile = new Map<string, UploadTask>();
  for (const draft of pending) {
    for (const source of draft.media) {
      const upload = uploads.get(source);
      if (!upload) continue;
      const key = `${upload.filename} ${upload.data}`;
      const { task, media } = byFile.get(key) ?? uploadTask(upload);
      byFile.set(key, { task, media });
      task.drafts.push(draft);
      media.push(source);
    }
  }
  for (const { task } of byFile.values()) tasks.push(task);
  while (tasks.length > 0) {
    let size = 0;
    const end = tasks.findIndex((task, index) => (size += task.size) > maxRequestCharacters && index > 0);
    await carryOut(context, tasks.splice(0, end < 0 ? tasks.length : end));
  }
}

async function carryOut(context: Context, tasks: readonly Task[]): Promise<void> {
  const replies = await batch(context, tasks).catch((error: unknown) => messageOf(error));
  for (const [index, { action, drafts, done }] of tasks.entries()) {
    try {
      if (typeof replies === 'string') throw new Error(replies);
      done(resultOf(action, replies[index]));
    } catch (error) {
      const why = `${action} failed, so the note was not sent: ${messageOf(error)}`;
      for (const draft of unsettled(drafts)) draft.settle('failed', why);
    }
  }
}
