import { capabilitiesOf, typedCall, type Backend } from '../../src/contract/backend.ts';

/** Returns a backend whose requests this function answers. */
export const backendDouble = (
  request: Backend['request'],
  { kind = 'engine', place = 'nowhere', close = async () => {} }: Partial<Backend> = {},
): Backend => ({
  kind,
  place,
  capabilities: capabilitiesOf[kind],
  request,
  call: typedCall({ request }),
  close,
});
