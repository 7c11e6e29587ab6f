import { CancelledNotificationSchema, type RequestId } from '@modelcontextprotocol/sdk/types.js';

/** Returns the id of the request that a message cancels. */
export function cancelledBy(message: object): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  return CancelledNotificationSchema.safeParse(message).data?.params.requestId;
}
