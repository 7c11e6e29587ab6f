/** Maximum characters of one name, path or other input that an error message repeats. */
const maxEcho = 200;

/** Returns foreign text for a message, cut at `maxLength` characters. */
export const echo = (text: string, maxLength = maxEcho): string =>
  text.length > maxLength ? `${text.slice(0, maxLength).toWellFormed()}…` : text;

/** Returns the size of a text in bytes of JSON, without its quotes. */
export const jsonBytes = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/** Cuts a text at `maxBytes` bytes of JSON and says how long it was. */
export function cutToBytes(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && jsonBytes(text) <= maxBytes) return text;
  const remark = `… (cut, ${Buffer.byteLength(text)} bytes in all)`;
  const available = Math.max(0, maxBytes - jsonBytes(remark));
  // A character has at least one byte.
  let kept = text.slice(0, available);
  for (let bytes = jsonBytes(kept); bytes > available; bytes = jsonBytes(kept)) {
    kept = kept.slice(0, Math.min(kept.length - 1, Math.floor((kept.length * available) / bytes)));
  }
  return kept.toWellFormed() + remark;
}
