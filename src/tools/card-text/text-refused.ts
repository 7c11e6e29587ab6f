/** A field text that is not saved. The message says why, and how to write it. */
export class TextRefused extends Error {
  override readonly name = 'TextRefused';
}
