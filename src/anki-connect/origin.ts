/** Web pages that may send requests. */
export interface Origins {
  /** webCorsOriginList: exact origins, or * for all. */
  readonly allowed: readonly string[];
  /** ignoreOriginList: refused without a log entry. */
  readonly ignored: readonly string[];
}

export interface OriginCheck {
  readonly allowed: boolean;
  /** Value of Access-Control-Allow-Origin. */
  readonly header: string;
}

const localhost = 'http://localhost';
const localOrigins =
  /^https?:\/\/127\.0\.0\.1$|^http:\/\/127\.0\.0\.1:|^(chrome|moz|safari-web)-extension:\/\//;

/**
 * Checks the Origin header, which browsers send for a page and other programs do not send.
 * The Host header is not checked, because real clients use many names and forwarded ports. DNS rebinding does not help a
 * page: browsers send its Origin with every request that has a body.
 */
export function checkOrigin(origin: string | undefined, { allowed }: Origins): OriginCheck {
  if (allowed.includes('*')) return { allowed: true, header: '*' };
  if (origin === undefined) return { allowed: true, header: localhost };
  const local = allowed.includes(localhost) && localOrigins.test(origin);
  if (local || allowed.includes(origin)) return { allowed: true, header: origin };
  return { allowed: false, header: localhost };
}
