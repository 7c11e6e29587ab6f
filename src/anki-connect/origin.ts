/** Web pages that may ask. */
export interface Origins {
  /** As webCorsOriginList: exact origins, or * for all of them. */
  readonly allowed: readonly string[];
  /** As ignoreOriginList: refused without a word in the log. */
  readonly ignored: readonly string[];
}

export interface Verdict {
  readonly allowed: boolean;
  /** For the header Access-Control-Allow-Origin. */
  readonly shown: string;
}

const localhost = 'http://localhost';
const besidesLocalhost =
  /^https?:\/\/127\.0\.0\.1$|^http:\/\/127\.0\.0\.1:|^(chrome|moz|safari-web)-extension:\/\//;

/**
 * Judges the Origin header that a browser sends for a page, and other programs do not send at all.
 * The Host header is not looked at, as real clients come by all sorts of names and forwarded ports; a name that was
 * rebound to this machine does not help a page either, for browsers put its Origin on everything that has a body.
 */
export function judge(origin: string | undefined, { allowed }: Origins): Verdict {
  if (allowed.includes('*')) return { allowed: true, shown: '*' };
  if (origin === undefined) return { allowed: true, shown: localhost };
  const local = allowed.includes(localhost) && besidesLocalhost.test(origin);
  if (local || allowed.includes(origin)) return { allowed: true, shown: origin };
  return { allowed: false, shown: localhost };
}
