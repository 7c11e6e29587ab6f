import { complete, type Completion } from '../completion.ts';
import { NotFound } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { inOneLine } from '../../lib/one-line.ts';
import type { Prompt } from './prompt.ts';
import { explainMyWeek } from './explain-my-week.ts';
import { makeCards } from './make-cards.ts';
import { repairLeeches } from './repair-leeches.ts';
import { studyAloud } from './study-aloud.ts';
import { tidyTags } from './tidy-tags.ts';
import type { Context } from '../../tools/workflow.ts';

const prompts: readonly Prompt[] = [makeCards, studyAloud, repairLeeches, tidyTags, explainMyWeek];

export const promptList = prompts.map(({ name, title, description, arguments: args }) => ({
  name,
  title,
  description,
  arguments: Object.entries(args).map(([name, { description, required = false }]) => ({
    name,
    description,
    required,
  })),
}));

/** Returns the text of a prompt. Adds a note if the prompt requires tools that are not `offered`. */
export function promptText(
  name: string,
  args: Readonly<Record<string, string>>,
  offered: ReadonlySet<string>,
): { readonly description: string; readonly text: string } {
  const prompt = find(name);
  const known = Object.keys(prompt.arguments);
  for (const argument of Object.keys(args)) {
    if (!known.includes(argument)) throw notFound('argument', argument, known);
  }
  // Clients send an empty string for an argument without a value.
  const filled = Object.fromEntries(
    Object.entries(args)
      .filter(([, value]) => value.trim() !== '')
      .map(([argument, value]) => [
        argument,
        prompt.arguments[argument]?.multiline ? value : inOneLine(value),
      ]),
  );
  for (const [argument, { required, description }] of Object.entries(prompt.arguments)) {
    if (required && filled[argument] === undefined)
      throw new NotFound(`The prompt ${name} requires the argument "${argument}" (${description}).`);
  }
  const missing = prompt.requiredTools.filter((tool) => !offered.has(tool));
  const notice =
    missing.length > 0
      ? `\n\nThis server runs without the tools ${missing.join(', ')}: do what the other tools allow, show the rest as a proposal, and say that it was not done.`
      : '';
  return { description: prompt.description, text: prompt.text(filled) + notice };
}

/** Completes the value of an argument. */
export async function completePrompt(
  name: string,
  argument: string,
  typed: string,
  context: Context,
): Promise<Completion> {
  const args = find(name).arguments;
  const found = args[argument];
  if (!found) throw notFound('argument', argument, Object.keys(args));
  return complete(typed, (await found.names?.(context)) ?? []);
}

function find(name: string): Prompt {
  const prompt = prompts.find((each) => each.name === name);
  if (prompt) return prompt;
  throw notFound(
    'prompt',
    name,
    prompts.map((each) => each.name),
  );
}

function notFound(kind: string, name: string, known: readonly string[]): NotFound {
  const similar = nearest(name, known);
  const hint =
    similar === undefined ? `Existing: ${known.join(', ') || 'none'}.` : `Did you mean "${similar}"?`;
  return new NotFound(`The ${kind} "${name}" does not exist. ${hint}`);
}
