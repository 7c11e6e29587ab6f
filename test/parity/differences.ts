/** Steps whose result over tools/call differs from the recorded answer on purpose, and why. Over HTTP they are the same. */
export const differences: Readonly<
  Record<string, { readonly steps: readonly number[]; readonly why: string }>
> = {
  'card-set-due-bad': { steps: [20], why: 'Anki fails on a duplicate id, so it is dropped' },
  'card-suspend-odd': { steps: [15], why: 'Anki fails on a duplicate id, so it is dropped' },
  'note-tags-errors': { steps: [12, 14, 17], why: 'a list of tags is taken, and a duplicate id is dropped' },
  'media-sources': {
    steps: [3, 7, 10],
    why: 'a path is read only below the folders of --allow-dir, and base64 needs no padding',
  },
  'media-odd-values': { steps: [3, 4, 5, 6], why: 'paths and URLs are checked before anything is read' },
  'note-media-fields': { steps: [14, 16, 18, 20], why: 'paths and URLs are checked before anything is read' },
  'misc-export-import-errors': {
    steps: [8, 9, 11],
    why: 'an export has the ending of its format, and only a file is imported',
  },
  'misc-multi': {
    steps: [15],
    why: 'a batch with an invalid child is refused completely, before anything is sent',
  },
  'misc-version-profile': { steps: [9], why: 'sync without an account says how to set one' },
};
