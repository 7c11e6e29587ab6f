/** Type of a media file, detected from its first bytes. */
export interface MediaType {
  readonly kind: 'image' | 'audio' | 'video';
  readonly mimeType: string;
}

/** First bytes as Latin-1 text; a dot matches any byte. */
const signatures: readonly (readonly [pattern: RegExp, mimeType: string])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF....WEBP/s, 'image/webp'],
  [/^BM.{4}\0{4}/s, 'image/bmp'],
  [/^\0\0\x01\0[^\0]\0/, 'image/x-icon'],
  [/^(II\*\0|MM\0\*)/, 'image/tiff'],
  [/^....ftyp(avif|avis)/s, 'image/avif'],
  [/^....ftyp(heic|heix|mif1|msf1)/s, 'image/heic'],
  [/^(\xff\x0a|\0\0\0\x0cJXL )/, 'image/jxl'],
  [/^....ftypM4[AB] /s, 'audio/mp4'],
  [/^....ftyp/s, 'video/mp4'],
  [/^ID3/, 'audio/mpeg'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'audio/aac'],
  [/^\xff[\xe2-\xfd][\x10-\xef]/, 'audio/mpeg'], // \xff\xfe begins text in UTF-16
  [/^OggS.{24,}?(theora|BBCD)/s, 'video/ogg'],
  [/^OggS/, 'audio/ogg'],
  [/^fLaC/, 'audio/flac'],
  [/^RIFF....WAVE/s, 'audio/wav'],
  [/^FORM....AIF[FC]/s, 'audio/aiff'],
  [/^#!AMR/, 'audio/amr'],
  [/^MThd/, 'audio/midi'],
  [/^\x1a\x45\xdf\xa3/, 'video/webm'],
  [/^RIFF....AVI /s, 'video/x-msvideo'],
  [/^\x30\x26\xb2\x75\x8e\x66\xcf\x11/, 'video/x-ms-wmv'],
  [/^FLV\x01/, 'video/x-flv'],
  [/^\0\0\x01[\xb3\xba]/, 'video/mpeg'],
];

/** An SVG picture: a declaration, comments and a doctype may precede its root. */
const svg = /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/s;

/** Returns the type of a picture, sound or video from its content alone, or undefined for anything else. */
export function mediaType(bytes: Buffer): MediaType | undefined {
  const head = bytes.toString('latin1', 0, 4096);
  const mimeType = svg.test(head) ? 'image/svg+xml' : signatures.find(([pattern]) => pattern.test(head))?.[1];
  const kind = (['image', 'audio', 'video'] as const).find((each) => mimeType?.startsWith(each));
  return mimeType === undefined || kind === undefined ? undefined : { kind, mimeType };
}
