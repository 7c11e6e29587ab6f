import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { panelExtension, panelMimeType } from '../../../src/contract/panels/index.ts';

const ajv = new AjvJsonSchemaValidator();

/** Compiles the schema of a result when the first result arrives: those of all tools take 200 ms. */
const validator: jsonSchemaValidator = {
  getValidator<T>(schema: Parameters<AjvJsonSchemaValidator['getValidator']>[0]) {
    let validate: ReturnType<typeof ajv.getValidator<T>> | undefined;
    return (input) => (validate ??= ajv.getValidator<T>(schema))(input);
  },
};

/** A client that declares that it shows panels. */
export const panelClient = (): Client =>
  new Client(
    { name: 'test-host', version: '1' },
    {
      capabilities: { extensions: { [panelExtension]: { mimeTypes: [panelMimeType] } } },
      jsonSchemaValidator: validator,
    },
  );
