import { z } from 'zod';
import { jsonIn } from '../lib/json.ts';

const ambiguous =
  'A text with a comma is ambiguous. Pass a list: ["a","b"] for two tags, ["a,b"] for one tag with a comma';

type Tags = string | readonly string[];

const isTags = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((tag) => typeof tag === 'string');

/** Reads a list, its JSON text, or tags separated by spaces. */
function read(value: Tags, report: (message: string) => void): unknown {
  if (typeof value !== 'string') return value;
  if (/^\s*\[/.test(value)) {
    const list = jsonIn(value);
    if (isTags(list)) return list;
    report('Not a list of tags');
  } else if (value.includes(',')) report(ambiguous);
  return value.split(/\s+/).filter(Boolean);
}

const reported = (context: z.RefinementCtx) => (message: string) => context.addIssue(message);

/** A note's tags. Tags in one text are read too; the schema that clients see has the list only. */
export const tagList = z.preprocess(
  (value: Tags, context) => read(value, reported(context)),
  z.array(z.string()),
);

/** Tags separated by spaces, as the add-on takes them here. A list is read too. */
export const tagLine = z
  .preprocess((value: Tags, context) => {
    const report = reported(context);
    const tags = read(value, report);
    if (!isTags(tags)) return tags;
    const broken = tags.find((tag) => /\s/.test(tag));
    if (broken !== undefined)
      report(`"${broken.slice(0, 60)}" has a space: Anki would store several tags. Replace the space by _`);
    return tags.join(' ');
  }, z.string())
  .describe('Tags separated by spaces');
