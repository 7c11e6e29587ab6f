import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import type { Frame, Page } from 'playwright-core';
import { inject } from 'vitest';
import { z } from 'zod';
import { panelMimeType } from '../../../src/contract/panels/index.ts';
import { giveBack, takeTab, type Tab } from './tabs.ts';

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

/** Starts a host that shows the panels of the server of this client. */
export function startHost(client: HostClient): PanelHost {
  const tabs: Tab[] = [];
  /** As hosts do, reads the HTML of a panel once. */
  const pages = new Map<string, Promise<string>>();
  const htmlOf = (tool: string): Promise<string> => {
    const html = pages.get(tool) ?? panelHtml(client, tool);
    pages.set(tool, html);
    return html;
  };

  const show = async (
    tool: string,
    args: Record<string, unknown>,
    result: CallToolResult,
    options: OpenOptions,
  ): Promise<OpenPanel> => {
    const { width = 720, theme = 'light', opaque = false, canCall = true, canMessage = true } = options;
    const tab = await takeTab(width, theme);
    tabs.push(tab);
    const { page, errors } = tab;
    const asked: { kind: string; params: unknown }[] = [];
    tab.onRequest = async (kind, params) => {
      asked.push({ kind, params });
      if (kind !== 'call') return {};
      const call = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }).parse(params);
      return client.callTool(call);
    };
    const panel = {
      sandbox: `${inject('hostPages').sandbox}${opaque ? '?opaque' : ''}`,
      html: await htmlOf(tool),
      input: args,
      result,
      theme,
      canCall,
      canMessage,
    };
    await page.evaluate(`openPanel(${JSON.stringify(panel)})`);
    const view = page.frames().find((frame) => frame.parentFrame()?.parentFrame());
    if (!view) throw new Error('the panel has no frame');
    return { page, view, asked, errors, result, reopen: () => show(tool, args, result, options) };
  };

  return {
    async open(tool, args, options = {}) {
      const reply = await client.callTool({ name: tool, arguments: args });
      return show(tool, args, CallToolResultSchema.parse(reply), options);
    },
    async close() {
      await Promise.all(tabs.map((tab) => giveBack(tab)));
    },
  };
}
