/** Maximum size of a summary in bytes. */
const maxBytes = 2_000;

/** Joins what the backend reported about a call, each sentence once. What does not fit is counted. */
export function summaryOf(sentences: readonly string[]): string {
  const distinct = [...new Set(sentences)];
  const kept: string[] = [];
  let left = maxBytes;
  for (const sentence of distinct) {
    left -= Buffer.byteLength(sentence) + 1;
    if (left < 0) break;
    kept.push(sentence);
  }
  const omitted = distinct.length - kept.length;
  return [...kept, ...(omitted > 0 ? [`And ${omitted} more.`] : [])].join(' ');
}
