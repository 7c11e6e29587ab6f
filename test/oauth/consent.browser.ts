import { once } from 'node:events';
import { createServer } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UnauthorizedError, type OAuthClientProvider } from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { startChromium } from '../support/chromium.ts';
import { challengeOf, newVerifier, ownerPassword, register, startOAuth } from '../support/oauth-server.ts';
import { runBuilt } from '../support/run-built.ts';

/** A client as a desktop program: its redirect URI is a small server on loopback. */
class Program implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly received: Promise<URL>;
  tokensNow: OAuthTokens | undefined;
  loginUrl: URL | undefined;
  #client: OAuthClientInformationMixed | undefined;
  #verifier = '';

  private constructor(port: number, received: Promise<URL>) {
    this.redirectUrl = `http://localhost:${port}/callback`;
    this.received = received;
  }

  static async listen(): Promise<Program> {
    let resolve: (url: URL) => void;
    const received = new Promise<URL>((done) => (resolve = done));
    const server = createServer((request, response) => {
      response.end('<title>Logged in</title>');
      if (request.url?.startsWith('/callback')) resolve(new URL(request.url, 'http://localhost'));
    }).listen(0, 'localhost');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    return new Program(typeof address === 'object' && address ? address.port : 0, received);
  }

  get clientMetadata() {
    return {
      client_name: 'Desktop <b>program</b>',
      redirect_uris: [this.redirectUrl],
      token_endpoint_auth_method: 'none',
    };
  }
  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.#client = client;
  }
  tokens() {
    return this.tokensNow;
  }
  saveTokens(tokens: OAuthTokens) {
    this.tokensNow = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.loginUrl = url;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
}

/** Connects the SDK's client; the owner logs in with the browser when it asks. */
async function connect(url: URL, program: Program, allow: (page: Page) => Promise<void>) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StreamableHTTPClientTransport(url, { authProvider: program });
  await expect(client.connect(transport)).rejects.toThrow(UnauthorizedError);
  const browser = await startChromium();
  const page = await browser.newPage({ viewport: { width: 360, height: 740 } });
  await page.goto(String(program.loginUrl));
  await allow(page);
  const callback = await program.received;
  await transport.finishAuth(callback.searchParams.get('code') ?? '');
  const connected = new StreamableHTTPClientTransport(url, { authProvider: program });
  await client.connect(connected);
  return { client, transport: connected, page };
}

test('the SDK client and a browser go from 401 to a card made, refreshed and revoked', async () => {
  const server = await startOAuth();
  const program = await Program.listen();
  const { client } = await connect(new URL(`${server.issuer}/mcp`), program, async (page) => {
    expect(await page.getByRole('heading').textContent()).toContain('Desktop <b>program</b>');
    expect(await page.getByRole('radio', { name: /Read and change/ }).isChecked()).toBe(true);
    await page.getByLabel(/password/i).fill('wrong password');
    await page.getByRole('button', { name: 'Allow' }).click();
    expect(await page.getByRole('alert').textContent()).toBe('The password is wrong.');
    await page.getByLabel(/password/i).fill(ownerPassword);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(/\/callback/);
  });
  const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'f', Back: 'b' } };
  const added = await client.callTool({ name: 'addNote', arguments: { note } });
  expect(added.isError ?? false).toBe(false);
  const first = program.tokensNow;
  // Without its access token, the client refreshes by itself.
  program.tokensNow = { ...first, access_token: 'expired', token_type: 'Bearer' };
  const found = await client.callTool({ name: 'findNotes', arguments: { query: 'front:f' } });
  expect(found.structuredContent).toMatchObject({ result: [expect.any(Number)] });
  expect(program.tokensNow.access_token).not.toBe('expired');
  const { stdout } = await runBuilt(server.folder, 'grants', '--grants-file', server.grantsFile);
  expect(stdout).toContain('Desktop <b>program</b>');
  expect(stdout).toContain('a program on the machine that runs this browser');
  const revoked = await runBuilt(
    server.folder,
    'grants',
    'revoke',
    'all',
    '--grants-file',
    server.grantsFile,
  );
  expect(revoked.stdout).toContain('Revoked 1 grant');
  await expect(client.callTool({ name: 'findNotes', arguments: { query: '' } })).rejects.toThrow();
});

/** Returns the address at which a client starts a login. The redirect leads to a page on this machine. */
async function loginUrl(issuer: string, redirectUri: string): Promise<string> {
  const { client_id } = await register({ issuer }, { redirect_uris: [redirectUri] });
  const query = new URLSearchParams({
    client_id,
    response_type: 'code',
    redirect_uri: redirectUri,
    code_challenge: challengeOf(newVerifier()),
    code_challenge_method: 'S256',
  });
  return `${issuer}/oauth/authorize?${query.toString()}`;
}

test('the consent page is accessible in light and dark, and works with the keyboard alone', async () => {
  const { issuer } = await startOAuth();
  const program = await Program.listen();
  const browser = await startChromium();
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width: 320, height: 640 } });
    await page.goto(await loginUrl(issuer, program.redirectUrl));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    const reader = await browser.newPage({
      colorScheme,
      viewport: { width: 320, height: 640 },
      bypassCSP: true,
    });
    await reader.goto(await loginUrl(issuer, program.redirectUrl));
    await reader.evaluate(axe.source);
    const violations = await reader.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id }) => id))',
    );
    expect(violations).toEqual([]);
    await page.keyboard.press('Tab'); // the permission
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('radio', { name: /Only read/ }).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.type(ownerPassword);
    await page.keyboard.press('Enter');
    await page.waitForURL(/code=/);
  }
});

test('Deny needs no password', async () => {
  const { issuer } = await startOAuth();
  const program = await Program.listen();
  const page = await (await startChromium()).newPage({ javaScriptEnabled: false });
  await page.goto(await loginUrl(issuer, program.redirectUrl));
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.waitForURL(/error=access_denied/);
});

test('another page can neither frame the consent page nor send its form', async () => {
  const { issuer } = await startOAuth();
  const program = await Program.listen();
  const page = await (await startChromium()).newPage();
  const started = await loginUrl(issuer, program.redirectUrl);
  await page.goto(started);
  const consent = page.url();
  const csrf = await page.locator('input[name=csrf]').inputValue();
  await page.goto(new URL('/', program.redirectUrl).href);
  await page.setContent(`<iframe src="${consent}"></iframe>`);
  await expect.poll(() => page.frames().length).toBe(2);
  expect(await page.frames()[1]?.locator('form').count()).toBe(0);
  const fields = { csrf, access: 'write', decision: 'allow', password: ownerPassword };
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`);
  await page.setContent(
    `<form method="post" action="${consent}">${inputs.join('')}<button>Send</button></form>`,
  );
  await page.getByRole('button').click();
  await page.waitForURL(consent);
  expect(await page.getByRole('alert').textContent()).toMatch(/not sent by the page|has ended/);
});
