import type { ChildNode } from 'domhandler';
import type { Styles } from '../shown.ts';
import { inWindow, Resolver } from './resolver.ts';
import { restartSteps, TooManySteps } from './steps.ts';
import { readStyleSheet, type StyleSource } from './stylesheet.ts';

/** What was read with the styles of a card. It is undefined if they are too large to be evaluated. */
interface Evaluated<T> {
  readonly read: T | undefined;
  /** Parts of CSS that were ignored, as in @import. */
  readonly ignored: readonly string[];
}

/** Reads the nodes of a card with the styles that they have in Anki's window. */
export function withStyles<T>(
  nodes: readonly ChildNode[],
  sources: readonly StyleSource[],
  ordinal: number,
  read: (styles: Styles) => T,
): Evaluated<T> {
  restartSteps();
  const sheet = readStyleSheet(sources);
  if (sheet.isTooLarge) return { read: undefined, ignored: sheet.ignored };
  inWindow(nodes, ordinal);
  try {
    return { read: read(new Resolver(sheet)), ignored: sheet.ignored };
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
    return { read: undefined, ignored: sheet.ignored };
  }
}
