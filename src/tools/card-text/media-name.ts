/** Returns the name of a media file in the media folder. For a data: URL it is "embedded TYPE", for a web address the address. */
export function mediaName(source: string): string {
  const embedded = /^data:([^;,]{0,100})/i.exec(source);
  if (embedded) return `embedded ${embedded[1] ?? ''}`.trim();
  if (/^https?:/i.test(source)) return source;
  try {
    return decodeURIComponent(source);
  } catch {
    return source;
  }
}

/** Returns the text in place of a picture, sound or video of this name. */
export type MediaLabel = (kind: 'image' | 'sound' | 'video', name: string) => string;

/** Names media by their files. A sound without a known file has its number in brackets, as in [anki:play:q:0], as its name. */
export const byName: MediaLabel = (kind, name) =>
  name.startsWith('[anki:play:') ? `[${kind}]` : `[${kind}: ${name}]`;
