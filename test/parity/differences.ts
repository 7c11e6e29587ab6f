/** Scenarios of which tools/call answers otherwise on purpose: their steps, and why. Over HTTP all of them pass. */
export const differences: Readonly<
  Record<string, { readonly steps: readonly number[]; readonly why: string }>
> = {
  'card-set-due-bad': { steps: [20], why: 'a doubled id, on which Anki fails, is dropped' },
  'card-suspend-odd': { steps: [15], why: 'a doubled id, on which Anki fails, is dropped' },
  'note-tags-errors': { steps: [14], why: 'a doubled id, on which Anki fails, is dropped' },
  'media-sources': { steps: [3, 7], why: 'a path is read only below the folders of --media-dir' },
  'misc-multi': { steps: [15], why: 'a batch with a bad child is refused whole, before anything is sent' },
};
