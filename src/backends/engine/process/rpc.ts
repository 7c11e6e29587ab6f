import type { z } from 'zod';
import { collectionMethods } from './rpc/collection.ts';
import { transferMethods } from './rpc/transfer.ts';
import { cardMethods } from './rpc/card.ts';
import { deckMethods } from './rpc/deck.ts';
import { filteredDeckMethods } from './rpc/filtered-deck.ts';
import { fsrsMethods } from './rpc/fsrs.ts';
import { noteMethods } from './rpc/note.ts';
import { statisticsMethods } from './rpc/statistics.ts';

/**
 * The engine's methods that we use, as name -> [request, response], with the members that we use.
 * Nothing is parsed with these schemas at run time. A test compares every name and type with the installed engine.
 */
export const rpc = {
  ...collectionMethods,
  ...transferMethods,
  ...cardMethods,
  ...deckMethods,
  ...filteredDeckMethods,
  ...fsrsMethods,
  ...noteMethods,
  ...statisticsMethods,
} as const satisfies Record<string, readonly [z.ZodObject, z.ZodObject]>;

/** Name of a method. */
export type Method = keyof typeof rpc;
export type RpcRequest<M extends Method> = z.infer<(typeof rpc)[M][0]>;
export type RpcResponse<M extends Method> = z.infer<(typeof rpc)[M][1]>;

/** Names of the methods whose request is the response of `M`. */
export type MethodTaking<M extends Method> = {
  [Name in Method]: (typeof rpc)[Name][0] extends (typeof rpc)[M][1] ? Name : never;
}[Method];

/** Methods that the engine answers immediately, even while a long call runs. */
export const immediateMethods: ReadonlySet<Method> = new Set<Method>([
  'latest_progress',
  'set_wants_abort',
  'abort_sync',
  'abort_media_sync',
  'media_sync_status',
]);
