import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Frame, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { z } from 'zod';
import { panelMimeType } from '../../../src/contract/panels/index.ts';
import { startChromium } from '../chromium.ts';

/** The policy that a host sets if a panel asks for nothing else. */
const strictPolicy =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; object-src 'none'; connect-src 'none'";

/** What a host needs of an MCP client. */
export type HostClient = Pick<Client, 'callTool' | 'listTools' | 'readResource'>;

export interface OpenOptions {
  /** Width of the panel in pixels. */
  readonly width?: number;
  readonly theme?: 'light' | 'dark';
  /** Shows the panel without an origin of its own, as some hosts do. */
  readonly opaque?: boolean;
  /** Whether the host passes on calls of the panel. */
  readonly canCall?: boolean;
  /** Whether the host takes messages of the user from the panel. */
  readonly canMessage?: boolean;
}

/** A panel in the browser. */
export interface OpenPanel {
  readonly page: Page;
  /** The document of the panel. */
  readonly view: Frame;
  /** What the panel asked for, oldest first: call, context, message or link. */
  readonly asked: readonly { readonly kind: string; readonly params: unknown }[];
  /** Errors that the browser reported. */
  readonly errors: readonly string[];
  /** The result of the tool, as the model sees it. */
  readonly result: CallToolResult;
  /** Shows a new panel for the same result, as a host does after a reload. */
  reopen(): Promise<OpenPanel>;
}

export interface PanelHost {
  /** Calls a tool and shows its panel. */
  open(tool: string, args: Record<string, unknown>, options?: OpenOptions): Promise<OpenPanel>;
  close(): Promise<void>;
}

const toolMeta = z.object({ ui: z.object({ resourceUri: z.string() }) });

/** Returns the HTML of the panel of a tool, as the server sends it. */
export async function panelHtml(client: HostClient, tool: string): Promise<string> {
  const { tools } = await client.listTools();
  const { ui } = toolMeta.parse(tools.find(({ name }) => name === tool)?._meta);
  const { contents } = await client.readResource({ uri: ui.resourceUri });
  return z.object({ mimeType: z.literal(panelMimeType), text: z.string() }).parse(contents[0]).text;
}

/** Starts a web server on a free port and returns its port. */
async function serve(
  pages: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const server = createServer((request, response) => {
    const page = pages[new URL(request.url ?? '/', 'http://localhost').pathname];
    response.writeHead(page === undefined ? 404 : 200, {
      'Content-Type': 'text/html; charset=utf-8',
      ...headers,
    });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { port, close: () => new Promise((resolve) => server.close(resolve)) };
}

async function hostScript(): Promise<string> {
  const input = new URL('page.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'silent' });
  const { output } = await bundle.generate({ format: 'iife' });
  await bundle.close();
  return output[0].code.replaceAll('</script', String.raw`<\/script`);
}

let script: Promise<string> | undefined;

/** Starts a host that shows the panels of the server of this client. */
export async function startHost(client: HostClient): Promise<PanelHost> {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Host</title><body style="margin:0;background:light-dark(#fff,#181818)"><script>${await (script ??= hostScript())}</script>`;
  const page = await serve({ '/': html });
  const sandboxHtml = readFileSync(new URL('sandbox.html', import.meta.url), 'utf8');
  // Another origin than that of the page.
  const sandbox = await serve({ '/': sandboxHtml }, { 'Content-Security-Policy': strictPolicy });
  const browser = await startChromium();

  const show = async (
    tool: string,
    args: Record<string, unknown>,
    result: CallToolResult,
    options: OpenOptions,
  ): Promise<OpenPanel> => {
    const { width = 720, theme = 'light', opaque = false, canCall = true, canMessage = true } = options;
    const context = await browser.newContext({
      viewport: { width, height: 1200 },
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-US',
      timezoneId: 'UTC',
    });
    context.setDefaultTimeout(30_000);
    const tab = await context.newPage();
    const asked: { kind: string; params: unknown }[] = [];
    const errors: string[] = [];
    tab.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    tab.on('pageerror', ({ message }) => errors.push(message));
    await tab.exposeFunction('toTest', async (kind: string, params: unknown) => {
      asked.push({ kind, params });
      if (kind !== 'call') return {};
      const call = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }).parse(params);
      return client.callTool(call);
    });
    await tab.goto(`http://localhost:${page.port}/`);
    const panel = {
      sandbox: `http://127.0.0.1:${sandbox.port}/${opaque ? '?opaque' : ''}`,
      html: await panelHtml(client, tool),
      input: args,
      result,
      theme,
      canCall,
      canMessage,
    };
    await tab.evaluate(`openPanel(${JSON.stringify(panel)})`);
    const view = tab.frames().find((frame) => frame.parentFrame()?.parentFrame());
    if (!view) throw new Error('the panel has no frame');
    return { page: tab, view, asked, errors, result, reopen: () => show(tool, args, result, options) };
  };

  return {
    async open(tool, args, options = {}) {
      const reply = await client.callTool({ name: tool, arguments: args });
      return show(tool, args, CallToolResultSchema.parse(reply), options);
    },
    async close() {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await page.close();
      await sandbox.close();
    },
  };
}
