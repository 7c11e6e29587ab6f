import { chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { chromiumArgs, findChromium } from './find-chromium.js';
import { serveHostPages, type HostPages } from './panel-host/pages.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** WebSocket URL of the browser. */
    chromium: string;
    hostPages: Pick<HostPages, 'host' | 'sandbox'>;
  }
}

/** Starts one browser and one host for all test files. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const browser = await chromium.launchServer({ executablePath: findChromium(), args: chromiumArgs });
  const pages = await serveHostPages();
  provide('chromium', browser.wsEndpoint());
  provide('hostPages', { host: pages.host, sandbox: pages.sandbox });
  return async () => {
    await browser.close();
    await pages.close();
  };
}
