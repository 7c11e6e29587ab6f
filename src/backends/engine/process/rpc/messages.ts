import { z } from 'zod';

// Types of the engine's values, and messages that several of its services use.

export const int64 = z.bigint();
export const ints64 = z.array(z.bigint());
export const int = z.int();
export const text = z.string();
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
export const flag = z.boolean();
export const counts = z.record(z.string(), int);
export const empty = z.object({});
export const json = z.object({ json: bytes });
export const value = z.object({ val: text });
export const values = z.object({ vals: z.array(text) });
export const opChanges = z.object({ notetype: flag, noteText: flag, studyQueues: flag });
export const changed = z.object({ count: int });
export const created = z.object({ id: int64 });

export const noteMessage = z.object({
  id: int64,
  guid: text,
  notetypeId: int64,
  mtimeSecs: int,
  tags: z.array(text),
  fields: z.array(text),
});
