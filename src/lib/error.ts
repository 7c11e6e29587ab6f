/** Returns the system's error code, such as ECONNREFUSED, or '' if the error has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Returns the message of an error, or of whatever else was thrown, as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Returns why a network request failed. Node leaves the message empty if it has tried several addresses of a host. */
export const networkError = (error: unknown): string =>
  messageOf(error) || codeOf(error) || (error instanceof Error ? error.name : '');
