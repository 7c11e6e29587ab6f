import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { panelExtension, panelMimeType } from '../../../src/contract/panels/index.ts';

/** A client that declares that it shows panels. */
export const panelClient = (): Client =>
  new Client(
    { name: 'test-host', version: '1' },
    { capabilities: { extensions: { [panelExtension]: { mimeTypes: [panelMimeType] } } } },
  );
