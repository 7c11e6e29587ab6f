import { failure, ok, type Check, type Finding } from './check.ts';

const needed = [20, 19] as const;

/** Whether a Node of this version will do. */
export function judgeNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return ok(`This is Node ${version}.`);
  return failure(
    `This is Node ${version}; ankiwright needs ${needed.join('.')} or later.`,
    'Install a later Node from nodejs.org, and let your client start that one.',
  );
}

export const node: Check = { name: 'Node', look: async () => judgeNode(process.versions.node) };
