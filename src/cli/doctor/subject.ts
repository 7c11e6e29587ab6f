import { resolve } from 'node:path';
import { ankiFolder, collectionOf } from '../anki-folder.ts';
import { findPython, installed } from '../../backends/engine/process/install.ts';
import { once } from '../../lib/once.ts';
import type { System } from '../system.ts';
import { probe, type Probe } from './collection-probe.ts';
import { converse, type Conversation } from './conversation.ts';

/** What ankiwright was told to work with. */
export interface Target {
  readonly url: string;
  readonly apiKey?: string | undefined;
  readonly collection?: string | undefined;
  readonly profile?: string | undefined;
  readonly ankiFolder?: string | undefined;
  readonly python?: string | undefined;
  readonly engineDir?: string | undefined;
}

/** What is examined. Each question that several checks have is asked once. */
export interface Subject {
  readonly target: Target;
  readonly system: System;
  /** Where Anki keeps its profiles. */
  readonly ankiFolder: string;
  readonly desktop: () => Promise<Conversation>;
  readonly python: () => Promise<string>;
  /** The collection file that the engine would open, there or not. */
  readonly collection: () => Promise<string | undefined>;
  readonly probe: () => Promise<Probe | undefined>;
  /** Whether ankiwright would work on the engine now, and not through Anki. */
  readonly engineNeeded: () => Promise<boolean>;
}

/** Milliseconds that a candidate for Python gets. */
const pythonLimit = 3000;

export function subjectOf(target: Target, system: System): Subject {
  const { url, apiKey, profile } = target;
  const folder = target.ankiFolder ?? ankiFolder(system);
  const desktop = once(() => converse(url, apiKey));
  const python = once(async () =>
    findPython(target.python ?? (await installed(target))?.python, pythonLimit),
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
      const [path, interpreter] = await Promise.all([collection(), python()].map(orNothing));
      return path === undefined || interpreter === undefined ? undefined : probe(path, interpreter);
    }),
    engineNeeded: once(async () => {
      if (target.collection !== undefined || profile === undefined) return target.collection !== undefined;
      const { version } = await desktop();
      return version.kind === 'unreachable' && version.why === 'ECONNREFUSED';
    }),
  };
}

const orNothing = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);
