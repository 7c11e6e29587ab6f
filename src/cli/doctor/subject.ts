import { resolve } from 'node:path';
import { ankiFolder, collectionOf } from '../anki-folder.ts';
import { findPython, installed } from '../../backends/engine/process/install.ts';
import type { Config } from '../config.ts';
import { once } from '../../lib/once.ts';
import type { System } from '../system.ts';
import { probe, type Probe } from './collection-probe.ts';
import { askDesktop, type DesktopReplies } from './desktop-replies.ts';

/** The options that choose what is examined. */
export interface Target {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly collection?: string | undefined;
  readonly profile?: string | undefined;
  readonly ankiFolder?: string | undefined;
  readonly python?: string | undefined;
  readonly engineDir?: string | undefined;
  readonly publicUrl?: string | undefined;
}

/** Returns what a server with these options works on. */
export const targetOf = (config: Config, key: string | undefined): Target => ({
  url: config.url,
  apiKey: key,
  collection: config.collection,
  profile: config.profile,
  ankiFolder: config['anki-base'],
  python: config.python,
  engineDir: config['engine-dir'],
  publicUrl: config['public-url'],
});

/** The subject of all checks. Facts that several checks need are determined once. */
export interface Subject {
  readonly target: Target;
  readonly system: System;
  /** The folder of Anki's profiles. */
  readonly ankiFolder: string;
  readonly desktop: () => Promise<DesktopReplies>;
  readonly python: () => Promise<string>;
  /** The collection file that the engine would open. It may not exist. */
  readonly collection: () => Promise<string | undefined>;
  readonly probe: () => Promise<Probe | undefined>;
  /** True if ankiwright would use the engine now, and not a running Anki. */
  readonly engineNeeded: () => Promise<boolean>;
}

/** Milliseconds that a candidate for Python may take to start. */
export const pythonTimeoutMs = 3000;

export function subjectOf(target: Target, system: System): Subject {
  const { url, apiKey, profile } = target;
  const folder = target.ankiFolder ?? ankiFolder(system);
  const desktop = once(() => askDesktop(url, apiKey));
  const python = once(async () =>
    findPython(target.python ?? (await installed(target))?.python, pythonTimeoutMs),
  );
  const collection = once(async () => {
    if (target.collection !== undefined) return resolve(target.collection);
    return profile === undefined ? undefined : collectionOf(folder, profile);
  });
  return {
    target,
    system,
    ankiFolder: folder,
    desktop,
    python,
    collection,
    probe: once(async () => {
      const [path, interpreter] = await Promise.all([collection(), python()].map(orUndefined));
      return path === undefined || interpreter === undefined ? undefined : probe(path, interpreter);
    }),
    engineNeeded: once(async () => {
      if (target.collection !== undefined || profile === undefined) return target.collection !== undefined;
      const { version } = await desktop();
      return version.kind === 'unreachable' && version.why === 'ECONNREFUSED';
    }),
  };
}

const orUndefined = <T>(promise: Promise<T>): Promise<T | undefined> => promise.catch(() => undefined);
