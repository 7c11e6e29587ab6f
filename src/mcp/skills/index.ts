import { NotFound } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import type { Resource } from '../resources/resource.ts';
import { goodCards } from './good-cards.ts';
import { repairLeeches } from './repair-leeches.ts';
import { searchSyntax } from './search-syntax.ts';
import { entryOf, fileOf, resourceOf, uriOf, type Skill } from './skill.ts';
import { soundWithoutFiles } from './sound-without-files.ts';

const skills: readonly Skill[] = [goodCards, repairLeeches, searchSyntax, soundWithoutFiles];

export const skillResources: readonly Resource[] = skills.map(resourceOf);

/** Returns the name and the text of each skill, for clients that read skills from files. */
export const skillFiles = () => skills.map((skill) => ({ name: skill.name, text: fileOf(skill) }));

/** The extension requires these members. The skills change only with the program. */
const complete = { resultType: 'complete', ttlMs: 3_600_000, cacheScope: 'public' };

/** Returns the result of skills/list. */
export const listSkills = () => ({ ...complete, skills: skills.map(entryOf) });

/** Returns the result of skills/get. Throws NotFound for an unknown URI. */
export function getSkill(uri: unknown) {
  const skill = skills.find((each) => uriOf(each) === uri);
  if (skill) return { ...complete, skill: entryOf(skill) };
  throw new NotFound(
    `The skill ${echo(String(uri))} does not exist. Existing: ${skills.map(uriOf).join(', ')}.`,
  );
}
