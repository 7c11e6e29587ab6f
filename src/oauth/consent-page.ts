import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { echo } from '../lib/cut.ts';
import { isLoopback } from '../lib/loopback.ts';
import { inOneLine } from '../lib/one-line.ts';

/** What the owner decides about. */
export interface ConsentView {
  /** Name by which the client calls itself. Anyone may use any name. */
  readonly client: string;
  /** Host of the URL that the client's metadata come from. */
  readonly vouchedBy: string | undefined;
  readonly redirectUri: string;
  readonly asksToWrite: boolean;
  /** Preselected: only reading. */
  readonly readOnly: boolean;
  readonly action: string;
  readonly csrf: string;
  /** Why the last try failed. */
  readonly error?: string | undefined;
}

const style = `
:root{color-scheme:light dark;--line:#767676;--back:#fff;--text:#1a1a1a;--soft:#f2f4f7;--main:#0b57d0;--on-main:#fff;--bad:#b3261e}
@media(prefers-color-scheme:dark){:root{--line:#8e8e8e;--back:#121417;--text:#ececec;--soft:#1f2329;--main:#a8c7fa;--on-main:#062e6f;--bad:#f2b8b5}}
*{box-sizing:border-box}
body{margin:0;padding:1.5rem 1rem;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:30rem;margin:auto}
h1{font-size:1.4rem;line-height:1.3;margin:0 0 1rem}
p,fieldset,dl{margin:0 0 1rem}
dl{background:var(--soft);padding:.75rem 1rem;border-radius:.5rem}
dt{font-size:.875rem}
dd{margin:0 0 .5rem;font-weight:600}
dd small{display:block;font-weight:400}
fieldset{border:1px solid var(--line);border-radius:.5rem;padding:.5rem 1rem}
fieldset p{margin:.4rem 0}
fieldset label{display:block}
fieldset small{display:block;padding-left:1.75rem}
input[type=radio]{width:1.1rem;height:1.1rem;vertical-align:-.15rem;margin:0 .5rem 0 0;accent-color:var(--main)}
input[type=password]{display:block;width:100%;margin-top:.25rem;padding:.65rem;font:inherit;color:inherit;background:var(--back);border:1px solid var(--line);border-radius:.375rem}
.buttons{display:flex;gap:.75rem}
button{flex:1;min-height:2.75rem;font:inherit;font-weight:600;border:2px solid var(--main);border-radius:.375rem;cursor:pointer;background:var(--back);color:var(--main)}
button[value=allow]{background:var(--main);color:var(--on-main)}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
[role=alert]{border-left:4px solid var(--bad);padding-left:.75rem;color:var(--bad);font-weight:600}
`;

const styleHash = createHash('sha256').update(style).digest('base64');

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? '');

/** Maximum characters of a client's name. */
const maxName = 80;

/** Returns foreign text for the page: on one line, cut, and without control, direction or invisible characters. */
export const shownName = (text: string): string =>
  echo(inOneLine(text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ' ')), maxName);

const layout = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;

/** Hosts of well-known clients. Redirects may lead on to the other hosts of a row. */
const knownHosts: readonly (readonly string[])[] = [
  ['claude.ai', 'claude.com'],
  ['chatgpt.com'],
  ['www.cursor.com'],
  ['vscode.dev', 'insiders.vscode.dev'],
];

interface Target {
  /** As the owner sees it, and as `ankiwright grants` prints it. */
  readonly name: string;
  readonly remark: string;
}

const isWeb = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'http:';

/** Returns who receives the permission: a name is only a claim, but the browser really goes to this address. */
export function targetOf(redirectUri: string): Target {
  const url = new URL(redirectUri);
  if (!isWeb(url)) {
    const name = `the app that opens ${shownName(url.protocol)} links`;
    return { name, remark: 'Any installed app may have registered for these links.' };
  }
  if (isLoopback(url.hostname)) {
    return {
      name: 'a program on the machine that runs this browser',
      remark: 'Allow this only if you have just started the login there yourself.',
    };
  }
  const isKnown = knownHosts.some((hosts) => hosts.includes(url.hostname));
  return {
    name: url.host,
    remark: isKnown ? 'A known address.' : 'Allow this only if you know this address.',
  };
}

/** Returns where the form may lead. Chromium checks the redirects after it, too, which end at the client. */
function formTargets(redirectUri: string): string {
  const url = new URL(redirectUri);
  // CSP has no syntax for IPv6 addresses, and in other names ";" would begin a directive and "*" stand for any host.
  if (!isWeb(url) || !/^[\w.-]+$/.test(url.hostname)) return url.protocol;
  const related = knownHosts.find((hosts) => hosts.includes(url.hostname)) ?? [];
  return [...new Set([url.origin, ...related.map((host) => `https://${host}`)])].join(' ');
}

export function consentPage(view: ConsentView): string {
  const { client, vouchedBy, error, asksToWrite, readOnly } = view;
  const target = targetOf(view.redirectUri);
  const radio = (value: string, text: string, detail: string, isChecked: boolean): string =>
    `<p><label><input type="radio" name="access" value="${value}" aria-describedby="${value}"${isChecked ? ' checked' : ''}>${text}</label><small id="${value}">${detail}</small></p>`;
  const name = escaped(shownName(client) || 'A client without a name');
  return layout(
    'Allow access to Anki?',
    `<h1>Allow “${name}” to use your Anki collection?</h1>
${error === undefined ? '' : `<p role="alert" id="error">${escaped(error)}</p>`}
<dl>
<dt>Name</dt><dd>${name}<small>${vouchedBy === undefined ? 'This name is its own claim.' : `Published by ${escaped(shownName(vouchedBy))}.`}</small></dd>
<dt>You will be sent to</dt><dd>${escaped(target.name)}<small>${target.remark}</small></dd>
</dl>
<form method="post" action="${escaped(view.action)}">
<input type="hidden" name="csrf" value="${escaped(view.csrf)}">
<fieldset>
<legend>Permission</legend>
${asksToWrite ? radio('write', 'Read and change', 'All tools. It can also delete notes and decks; ankiwright makes backups first, unless it was started with --backup never.', !readOnly) : ''}
${radio('read', 'Only read', 'Notes, cards, media and statistics. It cannot change anything.', readOnly || !asksToWrite)}
</fieldset>
<p><label>Owner password<input type="password" name="password" required autocomplete="current-password"${error === undefined ? '' : ' aria-describedby="error" aria-invalid="true"'}></label></p>
<p class="buttons"><button name="decision" value="allow">Allow</button><button name="decision" value="deny" formnovalidate>Deny</button></p>
</form>
<p>You can end this access at any time with <code>ankiwright grants revoke</code>.</p>`,
  );
}

export const errorPage = (message: string): string =>
  layout(
    'Access to Anki',
    `<h1>This did not work</h1>\n<p role="alert">${escaped(echo(inOneLine(message)))}</p>\n<p>Start the login again in your app.</p>`,
  );

/** Sends a page that runs no script, cannot be framed, and is not stored. */
export function sendPage(response: ServerResponse, status: number, html: string, redirectUri?: string): void {
  const targets = redirectUri === undefined ? '' : ` ${formTargets(redirectUri)}`;
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${styleHash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'${targets}`,
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
  response.end(html);
}
