import type { Context } from '../../tools/workflow.ts';

export interface Argument {
  readonly description: string;
  readonly required?: true;
  /** It may be of many lines; any other value stands within one. */
  readonly long?: true;
  /** What it can be, for completion. */
  readonly names?: (context: Context) => Promise<readonly string[]>;
}

/** A task that people start by name: it tells the assistant how to go about it. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly arguments: Readonly<Record<string, Argument>>;
  /** The tools that it cannot do without. */
  readonly needs: readonly string[];
  readonly text: (given: Readonly<Record<string, string>>) => string;
}

export const language: Argument = { description: 'Language to write in; else that of the material' };

/** Paragraphs and lists, without those that do not apply. */
export const lines = (...parts: readonly (string | false | undefined)[]): string =>
  parts.filter((part) => typeof part === 'string').join('\n');
