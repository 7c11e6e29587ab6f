import type { Context } from '../../tools/workflow.ts';

export interface PromptArgument {
  readonly description: string;
  readonly required?: true;
  /** Keeps line breaks. The values of other arguments are joined into one line. */
  readonly multiline?: true;
  /** Lists possible values for completion. */
  readonly names?: (context: Context) => Promise<readonly string[]>;
}

/** A task that the user starts by its name. Its text instructs the assistant. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: Readonly<Record<string, PromptArgument>>;
  /** Names of the tools that the task requires. */
  readonly requiredTools: readonly string[];
  readonly text: (args: Readonly<Record<string, string>>) => string;
}

export const language: PromptArgument = { description: 'Output language; default: that of the material' };

/** Joins lines, without those that are undefined or false. */
export const lines = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string').join('\n');
