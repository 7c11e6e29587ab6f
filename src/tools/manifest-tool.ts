import type { z } from 'zod';
import type { Annotations } from '../contract/action.ts';
import type { PanelUse } from './workflow.ts';

/** An entry of tools/list. */
export interface ManifestTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema;
  readonly annotations: Annotations;
  /** True if only Anki's engine can do it. Not part of tools/list. */
  readonly needsEngine?: true;
  /** The panel that it belongs to. The server says it in the terms of MCP Apps. */
  readonly ui?: PanelUse;
}

export type JsonSchema = z.core.JSONSchema.BaseSchema;
