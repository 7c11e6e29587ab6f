import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { startChromium } from '../chromium.ts';

type Listener = (kind: string, params: unknown) => Promise<unknown>;

/** A tab with the page of a host. It shows one panel at a time. */
export interface Tab {
  readonly page: Page;
  /** Errors that the browser reported since `take`. */
  errors: string[];
  /** Carries out what the page asks for. */
  onRequest: Listener;
}

/** Loading the page of a host takes longer than most tests, so that tabs are used again. */
const free: Tab[] = [];

async function openTab(): Promise<Tab> {
  const context = await (
    await startChromium()
  ).newContext({ reducedMotion: 'reduce', locale: 'en-US', timezoneId: 'UTC' });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const tab: Tab = { page, errors: [], onRequest: async () => ({}) };
  page.on('console', (message) => message.type() === 'error' && tab.errors.push(message.text()));
  page.on('pageerror', ({ message }) => tab.errors.push(message));
  await page.exposeFunction('toTest', (kind: string, params: unknown) => tab.onRequest(kind, params));
  await page.goto(inject('hostPages').host);
  return tab;
}

/** Returns a tab without a panel. */
export async function takeTab(width: number, theme: 'light' | 'dark'): Promise<Tab> {
  const tab = free.pop() ?? (await openTab());
  tab.errors = [];
  await tab.page.setViewportSize({ width, height: 1200 });
  await tab.page.emulateMedia({ colorScheme: theme });
  // Away from the panel, where it changes nothing.
  await tab.page.mouse.move(width - 1, 1199);
  return tab;
}

/** Removes the panel of a tab, so that another test can use the tab. */
export async function giveBack(tab: Tab): Promise<void> {
  await tab.page.unrouteAll();
  await tab.page.evaluate('removePanel()');
  tab.onRequest = async () => ({});
  free.push(tab);
}
