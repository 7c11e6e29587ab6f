import { failure, ok, type Finding } from './check.ts';

/** Oldest supported version. A test compares it with package.json. */
const required = [20, 19] as const;

/** Returns the finding for this version of Node. */
export function examineNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > required[0] || (major === required[0] && minor >= required[1]))
    return ok(`This is Node ${version}.`);
  return failure(
    `This is Node ${version}; ankiwright needs ${required.join('.')} or later.`,
    'Install a later Node from nodejs.org, and make your client start that one.',
  );
}
