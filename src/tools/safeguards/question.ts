import type { Risk } from './rule.ts';
import type { Tally } from './tally.ts';

/** Maximum number of consequences in one question. */
const maxListed = 10;

/** Returns one question for all risks. */
export async function questionOf(risks: readonly Risk[], tally: Tally): Promise<string> {
  const sentences = risks.map(
    async (risk) => `${(await risk.describe()).replace(/,$/, '')}${tally.before(risk)}`,
  );
  const consequences = [...new Set(await Promise.all(sentences))];
  if (consequences.length === 1) return `${consequences[0]}?`;
  const more = consequences.length > maxListed ? [`- and ${consequences.length - maxListed} more`] : [];
  return [
    'Do all of the following?',
    ...consequences.slice(0, maxListed).map((consequence) => `- ${consequence}`),
    ...more,
  ].join('\n');
}
