import type { z } from 'zod';
import type { Annotations } from '../contract/action.ts';
import type { ActionName, Params, Plain, ReadonlyDeep } from '../contract/index.ts';
import type { Backend, Call } from '../contract/backend.ts';
import type { Operation } from './safeguards/safeguard.ts';
import type { MediaPolicy } from './media/media-policy.ts';
import type { PanelName } from '../contract/panels/index.ts';
import type { Json, JsonObject } from '../lib/json.ts';

/** What a workflow works with. Calls that start in the same tick, as in Promise.all, share one request on the desktop. */
export interface Context {
  readonly backend: Backend;
  readonly call: Call;
  /** Runs an operation of Anki's engine. Throws Unavailable while the backend is a desktop. */
  readonly operate: NonNullable<Backend['operate']>;
  /** Runs work as one undo step, if the backend can. */
  readonly asOneStep: <T>(work: (context: Context) => Promise<T>) => Promise<T>;
  /** Identifies the MCP session, and aborts when it ends. */
  readonly session: AbortSignal;
  /** Maximum size of a result in bytes of JSON. */
  readonly budget: number;
  /** Where media files may be read from. */
  readonly media: MediaPolicy;
  /** Whether the client shows panels. Even then the user may not see one. */
  readonly hasPanels: boolean;
  /** Whether the user can be asked. */
  readonly canAsk: boolean;
  /** Asks the user and makes a backup before something is lost. Throws NotAllowed if it may not be. */
  readonly approve: (operation: Operation) => Promise<void>;
  /** The same for an action with rules, as if it were called as a tool. Workflows call it just before such writes. */
  readonly check: <N extends ActionName>(name: N, params: Params<N>) => Promise<void>;
  /** Runs another tool that this server offers, without questions and backups. */
  readonly runTool: (name: string, args: unknown) => Promise<ToolResult>;
  /** Returns the same context for another backend. */
  readonly on: (backend: Backend) => Context;
  /** Receives progress messages of a long call. */
  readonly progress?: ((message: string) => void) | undefined;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

/** A part of a result that clients show instead of reading it as JSON. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string };

/** A JSON result. If it was cut to fit the budget, the other fields say what is missing. */
export interface JsonResult<T = Json> {
  readonly result: T;
  /** Length of the complete list. */
  readonly total?: number;
  /** Offset of the next page; absent on the last page. */
  readonly nextOffset?: number;
  readonly note?: string;
  /** What the call did, in sentences, if Anki-Connect's result does not say it. */
  readonly summary?: string;
  /** Pictures and sounds that belong to the result. */
  readonly content?: readonly Content[];
  /** What the panel of the tool needs to find its state on the server. Models do not see it. */
  readonly panel?: JsonObject;
}

export interface ContentResult {
  readonly content: readonly Content[];
}

/** What a panel shows. */
export interface ViewResult {
  readonly view: JsonObject;
}

/** What a tool returns: JSON, which may have pictures and sounds next to it, content only, or the view of a panel. */
export type ToolResult = JsonResult | ContentResult | ViewResult;

/** How a tool belongs to a panel of src/apps. */
export interface PanelUse {
  readonly panel: PanelName;
  /** True if only the panel calls the tool, and the model does not see it. */
  readonly appOnly?: true;
}

/** The type that an output schema describes. Loose objects may have more JSON fields. */
export type Data<O extends z.ZodType> = Plain<ReadonlyDeep<z.output<O>>>;

interface Definition<I extends z.ZodObject> {
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  readonly input: I;
  /** True if only Anki's engine can do it: the tool is not listed for a desktop. */
  readonly needsEngine?: true;
  /** The panel that shows the result, or that calls the tool. */
  readonly ui?: PanelUse;
  /** Returns the paths of files and folders on this computer that the workflow reads. */
  paths?(input: z.output<I>): readonly string[];
}

/** A workflow that returns JSON. `output` describes `result`, and tools/list shows it. */
export interface JsonWorkflow<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> extends Definition<I> {
  readonly output: O;
  run(context: Context, input: z.output<I>): Promise<JsonResult<Data<O>>>;
}

/** A workflow that returns pictures, and so has no output schema. */
export interface ContentWorkflow<I extends z.ZodObject = z.ZodObject> extends Definition<I> {
  readonly output?: never;
  run(context: Context, input: z.output<I>): Promise<ContentResult>;
}

/** A tool that only a panel calls. */
export interface PanelWorkflow<
  I extends z.ZodObject = z.ZodObject,
  V extends JsonObject = JsonObject,
> extends Definition<I> {
  readonly ui: PanelUse & { readonly appOnly: true };
  readonly output?: never;
  run(context: Context, input: z.output<I>): Promise<{ readonly view: V }>;
}

/** A tool that makes several calls. The name of its export is the tool's name. */
export type Workflow = JsonWorkflow | ContentWorkflow | PanelWorkflow;

export const workflow = <I extends z.ZodObject, O extends z.ZodType>(
  definition: JsonWorkflow<I, O>,
): JsonWorkflow<I, O> => definition;

export const contentWorkflow = <I extends z.ZodObject>(definition: ContentWorkflow<I>): ContentWorkflow<I> =>
  definition;

export const panelWorkflow = <I extends z.ZodObject, V extends JsonObject>(
  definition: PanelWorkflow<I, V>,
): PanelWorkflow<I, V> => definition;
