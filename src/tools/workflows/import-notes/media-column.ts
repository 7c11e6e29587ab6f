import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isBelow, readablePath } from '../../files/read-access.ts';
import type { Context } from '../../workflow.ts';
import { markupOf } from '../save-notes/save-draft.ts';

/** A file of a cell: one to store, or the markup of one that is in the collection already or missing. */
type Found = { readonly path: string } | { readonly markup: string };

/** Finds the files that cells name: below the media folder of the call, then in that of the collection. */
export class MediaColumn {
  /** Rows by the name of a file that was found nowhere. */
  readonly missing = new Map<string, number[]>();
  readonly #folder: string | undefined;
  readonly #inCollection: ReadonlySet<string>;

  private constructor(folder: string | undefined, inCollection: ReadonlySet<string>) {
    this.#folder = folder;
    this.#inCollection = inCollection;
  }

  static async open({ call, media }: Context, mediaFolder: string | undefined): Promise<MediaColumn> {
    const folder = mediaFolder === undefined ? undefined : await readablePath(mediaFolder, media);
    return new MediaColumn(folder, new Set(await call('getMediaFilesNames', {})));
  }

  /** Returns a context that may read only the files below the media folder. */
  within(context: Context): Context {
    const dirs = this.#folder === undefined ? [] : [this.#folder];
    return { ...context, media: { ...context.media, dirs, confirmed: new Map() } };
  }

  /** Finds a file. Throws an error for a name that leads out of the media folder. */
  async find(name: string, row: number): Promise<Found> {
    if (this.#folder !== undefined) {
      const path = resolve(this.#folder, name);
      if (!isBelow(path, this.#folder)) throw new Error(`"${name}" is not below the media folder.`);
      if (
        await stat(path).then(
          () => true,
          () => false,
        )
      )
        return { path };
    }
    const stored = [name, name.toLowerCase()].find((each) => this.#inCollection.has(each));
    if (stored === undefined) {
      const rows = this.missing.get(name) ?? [];
      this.missing.set(name, [...rows, row]);
    }
    return { markup: markupOf(stored ?? name) };
  }
}
