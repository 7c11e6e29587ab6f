import { createHash } from 'node:crypto';
import type { Resource } from '../resources/resource.ts';

/** Instructions for one kind of work, as the Agent Skills specification describes them. A client loads them when they are needed. */
export interface Skill {
  /** Lower case letters and hyphens. */
  readonly name: string;
  readonly title: string;
  /** What the skill does, and when to use it. */
  readonly description: string;
  /** Markdown. */
  readonly body: () => string;
}

export const uriOf = ({ name }: Skill): string => `skill://${name}/SKILL.md`;

/** Returns the text of SKILL.md. JSON strings are valid YAML. */
export const fileOf = ({ name, description, body }: Skill): string =>
  `---\nname: ${name}\ndescription: ${JSON.stringify(description)}\n---\n\n${body().trim()}\n`;

const mimeType = 'text/markdown';

/** Returns the resource by which clients read a skill. */
export const resourceOf = (skill: Skill): Resource => ({
  uri: uriOf(skill),
  name: skill.name,
  title: skill.title,
  description: skill.description,
  mimeType,
  read: async () => ({ mimeType, text: fileOf(skill) }),
});

/** Returns the entry of skills/list: the frontmatter, and each file with its digest and size in bytes. */
export function entryOf(skill: Skill) {
  const { name, description } = skill;
  const uri = uriOf(skill);
  const bytes = Buffer.from(fileOf(skill));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { uri, frontmatter: { name, description }, resources: [{ uri, digest, size: bytes.length }] };
}
