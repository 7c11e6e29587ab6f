import { chromium, type Browser } from 'playwright-core';
import { inject } from 'vitest';

let connected: Promise<Browser> | undefined;

/** Returns the browser of this run, which `browser-setup.ts` starts. */
export const startChromium = (): Promise<Browser> => (connected ??= chromium.connect(inject('chromium')));
