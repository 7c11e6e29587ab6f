import { complete, type Completion } from './completion.ts';
import { NotThere } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import { inOneLine } from '../../lib/one-line.ts';
import type { Prompt } from './prompt.ts';
import { explainMyWeek } from './explain-my-week.ts';
import { makeCards } from './make-cards.ts';
import { repairLeeches } from './repair-leeches.ts';
import { studyAloud } from './study-aloud.ts';
import { tidyTags } from './tidy-tags.ts';
import type { Context } from '../../tools/workflow.ts';

const all: readonly Prompt[] = [makeCards, studyAloud, repairLeeches, tidyTags, explainMyWeek];

export const promptList = all.map(({ name, title, description, arguments: known }) => ({
  name,
  title,
  description,
  arguments: Object.entries(known).map(([name, { description, required = false }]) => ({
    name,
    description,
    required,
  })),
}));

/** The text of a prompt. Where tools that it needs are not `offered`, it says so. */
export function promptText(
  name: string,
  given: Readonly<Record<string, string>>,
  offered: ReadonlySet<string>,
): { readonly description: string; readonly text: string } {
  const prompt = find(name);
  const known = Object.keys(prompt.arguments);
  for (const argument of Object.keys(given)) {
    if (!known.includes(argument)) throw unknown('argument', argument, known);
  }
  // Clients send what was left open as an empty text.
  const filled = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value.trim() !== '')
      .map(([argument, value]) => [argument, prompt.arguments[argument]?.long ? value : inOneLine(value)]),
  );
  for (const [argument, { required, description }] of Object.entries(prompt.arguments)) {
    if (required && filled[argument] === undefined)
      throw new NotThere(`The prompt ${name} needs the argument "${argument}": ${description}.`);
  }
  const lacking = prompt.needs.filter((tool) => !offered.has(tool));
  const notice =
    lacking.length > 0
      ? `\n\nThis server was started without ${lacking.join(', ')}: do what the other tools allow, show the rest as a proposal, and tell me that nothing of it was done.`
      : '';
  return { description: prompt.description, text: prompt.text(filled) + notice };
}

/** Completes an argument of a prompt. */
export async function completePrompt(
  name: string,
  argument: string,
  typed: string,
  context: Context,
): Promise<Completion> {
  const known = find(name).arguments;
  const found = known[argument];
  if (!found) throw unknown('argument', argument, Object.keys(known));
  return complete(typed, (await found.names?.(context)) ?? []);
}

function find(name: string): Prompt {
  const prompt = all.find((each) => each.name === name);
  if (prompt) return prompt;
  throw unknown(
    'prompt',
    name,
    all.map((each) => each.name),
  );
}

function unknown(what: string, name: string, known: readonly string[]): NotThere {
  const meant = nearest(name, known);
  return new NotThere(
    `There is no ${what} "${name}"; ${meant === undefined ? `there are: ${known.join(', ') || 'none'}.` : `did you mean "${meant}"?`}`,
  );
}
