import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';
import { AnkiConnect } from '../../src/backends/desktop/client.ts';
import type { Backend } from '../../src/contract/backend.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import { Safeguard, type SafeguardOptions } from '../../src/tools/safeguards/safeguard.ts';
import { mediaPolicy } from '../../src/tools/media/media-policy.ts';
import { startApi } from './api.ts';
import { Assistant } from './assistant.ts';
import { temporaryEngine } from './collection.ts';

export type UserReply = ElicitResult['action'];
/** Receives a question and returns the reply. The server waits meanwhile. */
export type Answer = (question: string, count: number) => Promise<UserReply>;

export interface GuardedServer {
  readonly assistant: Assistant;
  readonly engine: Engine;
  /** Folder of the collection. */
  readonly folder: string;
  /** Questions that the user received, oldest first. */
  readonly questions: string[];
  /** Returns the paths of all backups. */
  readonly backups: () => string[];
}

/**
 * Starts a server with a safeguard on a new collection until the test ends. The user gives the same reply to all
 * questions, or a function answers them. Without a reply, the client does not support elicitation.
 */
export async function guardedServer(
  reply: UserReply | Answer | undefined,
  options: Partial<SafeguardOptions> = {},
  connect: (engine: Engine) => Promise<Backend> = async (engine) => engine,
  /** Returns the folders of --allow-dir. */
  allowDirs: (folder: string) => readonly string[] = () => [],
  engineOptions: Partial<EngineOptions> = {},
): Promise<GuardedServer> {
  const { engine, folder, close } = temporaryEngine({ importsAtOnce: true, ...engineOptions });
  onTestFinished(close);
  const questions: string[] = [];
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: reply === undefined ? {} : { elicitation: {} } },
  );
  if (reply !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      const count = questions.push(params.message);
      const action = typeof reply === 'string' ? reply : await reply(params.message, count);
      return { action, ...(action === 'accept' && { content: {} }) };
    });
  }
  const backend = await connect(engine);
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never', ...options });
  const media = mediaPolicy(allowDirs(folder), backend.capabilities);
  const assistant = await Assistant.of(backend, { safeguard, media }, client);
  onTestFinished(() => assistant.close());
  const backups = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ankiwright-backups'))
      .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)));
  return { assistant, engine, folder, questions, backups };
}

/** Returns a desktop backend that reaches the engine over HTTP. */
export async function overHttp(engine: Engine): Promise<Backend> {
  const api = await startApi(engine);
  const backend = new AnkiConnect({ url: api.url });
  onTestFinished(() => api.close());
  onTestFinished(() => backend.close());
  return backend;
}

/** Adds a Basic note for each front to a deck, and returns the note ids. */
export async function addNotes(engine: Engine, deck: string, fronts: readonly string[]): Promise<number[]> {
  await engine.call('createDeck', { deck });
  return engine.call('addNotes', {
    notes: fronts.map((Front) => ({
      deckName: deck,
      modelName: 'Basic',
      fields: { Front, Back: 'b' },
      tags: ['t'],
    })),
  });
}

export const cardsIn = (engine: Engine, deck: string): Promise<readonly number[]> =>
  engine.call('findCards', { query: `"deck:${deck}"` });

/** Returns `count` different texts that start with a name. */
export const series = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);
