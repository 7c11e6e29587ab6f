import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { z } from 'zod';
import { jsonIn } from '../lib/json.ts';

/** Milliseconds to wait for the client's first request. */
const waitMs = 5_000;

const request = z.looseObject({ jsonrpc: z.literal('2.0'), id: z.union([z.string(), z.number()]) });

/** JSON-RPC's code for an internal error. */
const internalError = -32603;

/**
 * Tells an MCP client why the server does not start: clients show the error of `initialize`, but few show stderr. Resolves
 * when the first request is answered, or when none comes.
 */
export async function answerFirstRequest(message: string, output: Writable): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const timer = setTimeout(() => lines.close(), waitMs);
  for await (const line of lines) {
    const id = idOf(line);
    if (id === undefined) continue;
    const reply = { jsonrpc: '2.0', id, error: { code: internalError, message } };
    await new Promise<void>((written) => output.write(`${JSON.stringify(reply)}\n`, () => written()));
    break;
  }
  clearTimeout(timer);
}

const idOf = (line: string): string | number | undefined => request.safeParse(jsonIn(line)).data?.id;
