// Written without zod: it would be a fifth of the time until a client gets its first response.

import { isLoopback } from '../lib/loopback.ts';

/** The value of an option has another form. The message says which it needs. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
}

/** Returns a parser that accepts only these words. */
export const oneOf =
  <const W extends string>(...words: readonly W[]) =>
  (text: string): W => {
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw new WrongValue(`${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`);
  };

function number(text: string, what: string): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new WrongValue(what);
}

export function seconds(text: string): number {
  const value = number(text, 'a number of seconds');
  if (value > 0) return value;
  throw new WrongValue('a number of seconds above 0');
}

export function port(text: string): number {
  const value = number(text, 'a port');
  if (!Number.isSafeInteger(value) || value < 0) throw new WrongValue('a port');
  if (value <= 65_535) return value;
  throw new WrongValue('a port up to 65535');
}

export function kilobytes(text: string): number {
  const value = number(text, 'a number of KB');
  if (value < 1) throw new WrongValue('at least 1 KB');
  if (value <= 3000) return value;
  throw new WrongValue('at most 3000 KB');
}

/** Returns a parser of URLs. Without a scheme, http is meant, and the usual port if there is none: people type localhost or 127.0.0.1:8765. */
export const httpUrl =
  (usualPort = '') =>
  (text: string): string => {
    const [, host, itsPort = usualPort, path] = /^([\w.-]+)(:\d+)?(\/.*)?$/.exec(text) ?? [];
    const url = host === undefined ? text.trim() : `http://${host}${itsPort}${path ?? ''}`;
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
    throw new WrongValue('an http or https URL');
  };

/** Parses the public URL. Clients send their tokens to it, so only this machine may be reached without TLS. */
export function publicUrl(text: string): string {
  if (!URL.canParse(text)) throw new WrongValue('an https URL');
  const { protocol, hostname, href } = new URL(text);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname)))
    throw new WrongValue('an https URL');
  if (/[?#@]/.test(href)) throw new WrongValue('a URL without a query, a fragment and a user name');
  if (/\/mcp\/*$/.test(href)) throw new WrongValue('the URL without /mcp, which ankiwright adds');
  return href.replace(/\/+$/, '');
}
