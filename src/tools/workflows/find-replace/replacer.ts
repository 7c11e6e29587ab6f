/* oxlint-disable unicorn/require-post-message-target-origin -- worker threads have no origin */
import { Worker } from 'node:worker_threads';
import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';

/** Maximum time that all replacements of one call take. Some regular expressions would never end. */
const maxMs = 10_000;
/** Maximum memory of the worker thread in MB. */
const maxMemory = 256;

export interface Replacement {
  readonly find: string;
  readonly replace: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
}

/** A text with all matches replaced, and where the first one is. */
export interface Replaced {
  readonly text: string;
  readonly count: number;
  readonly start: number;
}

/** Replaces matches in texts, in a worker thread whose time and memory are limited. */
export class Replacer {
  readonly #worker: Worker;
  #left = maxMs;

  /** Throws AnkiRefused if the regular expression is invalid. */
  constructor({ find, replace, regex, matchCase }: Replacement) {
    const source = regex ? find : find.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
    const expression = compiled(source, matchCase ? 'gu' : 'giu');
    this.#worker = new Worker(`(${replaceInWorker.toString()})()`, {
      eval: true,
      workerData: { expression, template: replace, isLiteral: !regex },
      resourceLimits: { maxOldGenerationSizeMb: maxMemory },
      env: {},
    });
    this.#worker.on('error', () => {}); // a running replaceIn reports it
  }

  /** Returns each text with its replacements. Throws AnkiRefused if that takes too long, or the result is too long. */
  async replaceIn(texts: readonly string[]): Promise<readonly Replaced[]> {
    const started = performance.now();
    const worker = this.#worker;
    const reply = await new Promise<{ results?: readonly Replaced[]; error?: string }>((resolve) => {
      const settle = (result: { results?: readonly Replaced[]; error?: string }) => {
        clearTimeout(timer);
        worker.removeAllListeners('message').removeAllListeners('exit');
        resolve(result);
      };
      const timer = setTimeout(() => settle({ error: tooSlow }), Math.max(1, this.#left));
      worker.once('message', settle);
      worker.once('exit', () => settle({ error: tooMuch }));
      worker.once('error', (error) => settle({ error: `${tooMuch} (${messageOf(error)})` }));
      worker.postMessage(texts);
    });
    this.#left -= performance.now() - started;
    if (reply.results) return reply.results;
    throw new AnkiRefused(`Nothing was changed: ${reply.error ?? tooMuch}`);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Compiles an expression without running it. Throws AnkiRefused if it is invalid. */
function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new AnkiRefused(
      `Nothing was changed: ${messageOf(error)}. find must be a JavaScript regular expression with the flag u, which allows \\ only where it has a meaning.`,
      { cause: error },
    );
  }
}

const tooSlow = `the search takes longer than ${maxMs / 1000} s. Use a simpler regular expression without nested repetitions, such as (a+)+, or a narrower query.`;
const tooMuch = 'the replacement needs too much memory. Use a simpler expression or a shorter replacement.';

/** Runs in the worker thread, which receives this function as text: it must not use anything of this module. */
function replaceInWorker(): void {
  const maxLength = 1_000_000;
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { expression, template, isLiteral } = workerData;
  const expand = (match: RegExpExecArray): string =>
    isLiteral
      ? template
      : template.replace(
          /\$(?:([$&])|(\d\d?)|<([^>]*)>)/g,
          (reference: string, special?: string, digits?: string, name?: string) => {
            if (special !== undefined) return special === '$' ? '$' : match[0];
            if (digits !== undefined)
              return Number(digits) > 0 && Number(digits) < match.length
                ? (match[Number(digits)] ?? '')
                : reference;
            return match.groups && name !== undefined && Object.hasOwn(match.groups, name)
              ? (match.groups[name] ?? '')
              : reference;
          },
        );
  const replaceIn = (text: string): Replaced => {
    let replaced = '';
    let cursor = 0;
    let count = 0;
    let start = -1;
    for (const match of text.matchAll(expression)) {
      if (count === 0) start = match.index;
      count++;
      replaced += text.slice(cursor, match.index) + expand(match);
      cursor = match.index + match[0].length;
      if (replaced.length > maxLength)
        throw new Error(`A field would become longer than ${maxLength} characters.`);
    }
    return { text: replaced + text.slice(cursor), count, start };
  };
  parentPort?.on('message', (texts: readonly string[]) => {
    try {
      parentPort.postMessage({ results: texts.map(replaceIn) });
    } catch (error) {
      parentPort.postMessage({ error: error instanceof Error ? error.message : String(error) });
    }
  });
}
