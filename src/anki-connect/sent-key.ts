import type { Json } from '../lib/json.ts';

const name = '"key"';
/** A member `key` whose value is a string. */
const member = /^"key"\s*:\s*("(?:[^"\\]|\\.){0,2000}")/s;
/** Bytes of a member that are read. */
const maxMemberBytes = 4096;
/** Occurrences of the name that are looked at from the beginning, and as many from the end. */
const maxOccurrences = 20;

/** Returns true if a body contains an accepted API key, without parsing the body: it may be large, and from a stranger. */
export function sendsKey(body: Buffer, accepts: (key: Json) => boolean): boolean {
  const isKey = (at: number): boolean => {
    const [, literal] = member.exec(body.toString('utf8', at, at + maxMemberBytes)) ?? [];
    if (literal === undefined) return false;
    try {
      return accepts(JSON.parse(literal));
    } catch {
      return false;
    }
  };
  let at = body.indexOf(name);
  for (let count = 0; at >= 0 && count < maxOccurrences; count++) {
    if (isKey(at)) return true;
    at = body.indexOf(name, at + 1);
  }
  at = body.lastIndexOf(name);
  for (let count = 0; at > 0 && count < maxOccurrences; count++) {
    if (isKey(at)) return true;
    at = body.lastIndexOf(name, at - 1);
  }
  return false;
}
