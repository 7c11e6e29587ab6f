import type { Launch } from './launch.ts';

/** Returns the entry as JSON. */
const entryOf = ({ command, args, env }: Launch, more: object = {}): string =>
  JSON.stringify({ ...more, command, args, ...(Object.keys(env).length > 0 ? { env } : {}) });

const inBase64 = (text: string): string => encodeURIComponent(Buffer.from(text).toString('base64'));

/** Format: https://cursor.com/docs/mcp/install-links */
export const cursorLink = (name: string, launch: Launch): string =>
  `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(name)}&config=${inBase64(entryOf(launch))}`;

/** Format: https://code.visualstudio.com/api/extension-guides/ai/mcp */
export const vscodeLink = (name: string, launch: Launch): string =>
  `vscode:mcp/install?${encodeURIComponent(entryOf(launch, { name }))}`;

/** Format: https://lmstudio.ai/docs/app/mcp/deeplink */
export const lmStudioLink = (name: string, launch: Launch): string =>
  `lmstudio://add_mcp?name=${encodeURIComponent(name)}&config=${inBase64(entryOf(launch))}`;
