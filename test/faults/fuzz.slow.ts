import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isActionName } from '../../src/contract/index.ts';
import { Engine } from '../../src/backends/engine/engine.ts';
import { mediaPolicy } from '../../src/tools/media/media-policy.ts';
import { Safeguard } from '../../src/tools/safeguards/safeguard.ts';
import { startApi } from '../support/api.ts';
import type { Draw, World } from '../support/arbitrary.ts';
import { Assistant } from '../support/assistant.ts';
import { problemsOf } from '../support/database-check.ts';
import { invalid } from '../support/invalid-arguments.ts';
import { temporaryEngine } from '../support/collection.ts';
import { confined, lookAround, replenish } from '../support/fuzzed.ts';
import { corrupted } from '../support/corrupted-json.ts';
import { argumentsOf, leakIn, tools } from '../support/tool-calls.ts';
import { capabilitiesOf } from '../../src/contract/backend.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const seed = 20_261_124;

/** The folder in which tools may write files. It is the working directory, so that relative paths stay there too. */
let work: string;
beforeEach(() => {
  work = temporaryFolder();
  process.chdir(work);
});
afterEach(() => {
  process.chdir(tmpdir());
  rmSync(work, { recursive: true });
});

/** Returns the ids of the engine's host processes that this process has started. */
const hosts = (): string => {
  try {
    return execFileSync('pgrep', ['-P', String(process.pid), '-f', 'host.py']).toString();
  } catch {
    return 'none';
  }
};

const shown = (name: string, args: unknown, what: string): string =>
  `${name} ${JSON.stringify(args)?.slice(0, 500)}: ${what.slice(0, 300)}`;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function problems(engine: Engine): Promise<string[]> {
  const found = await problemsOf(engine);
  return found === '' ? [] : [found];
}

const counts = async (engine: Engine) => ({
  notes: (await engine.call('findNotes', { query: '' })).length,
  cards: (await engine.call('findCards', { query: '' })).length,
  decks: (await engine.call('deckNames', {})).length,
  types: (await engine.call('modelNames', {})).length,
});

/** Connects a client whose user accepts everything. */
async function accepting(engine: Engine): Promise<Assistant> {
  const client = new Client({ name: 'fuzz', version: '1' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' as const, content: {} }));
  const media = {
    ...mediaPolicy([], capabilitiesOf.engine),
    lookup: (_name: string, _options: object, callback: (error: Error, address: string) => void) =>
      callback(new Error('there is no network'), ''),
  };
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  const assistant = await Assistant.of(engine, { media, safeguard }, client);
  await client.listTools(); // from now on the client checks results against the output schemas
  return assistant;
}

/** Tools that can store invalid values, also in Anki itself, or that repair them. */
const unchecked = new Set([
  'setSpecificValueOfCard',
  'updateNoteModel',
  'importPackage',
  'guiImportFile',
  'guiCheckDatabase',
]);

/** Problems that these tools also cause in Anki, and that its check repairs. */
const causedByUnchecked =
  /^(Deleted .\d+. cards? with (missing template|duplicate template|missing note)|Fixed .\d+. (missing decks?|invalid card propert(y|ies))|Found .\d+. new cards? with a due number)/;

const unexplained = (found: readonly string[]): string[] =>
  found.flatMap((text) => text.split(/(?<=\.) /)).filter((text) => !causedByUnchecked.test(text));

/** Plans `count` rounds. Each calls every tool once with generated arguments. */
function rounds(offered: typeof tools, count: number, from: number) {
  const drawn = offered.map((tool, index) => ({
    name: tool.name,
    draws: fc.sample(argumentsOf(tool, offered), { seed: from + index, numRuns: count }),
  }));
  return Array.from({ length: count }, (_, round) =>
    drawn.flatMap(({ name, draws }) => {
      const draw = draws[round];
      return draw ? [{ name, draw }] : [];
    }),
  );
}

describe('Hostile input', () => {
  test('each tool gets arguments generated from its schema, and arguments that violate it: it replies, and the database has no problem', async ({
    task,
  }) => {
    const { engine, folder, close } = temporaryEngine({ importsAtOnce: true });
    const assistant = await accepting(engine);
    const faults: string[] = [];
    let called = 0;
    let succeeded = 0;

    const call = async (name: string, draw: Draw, world: World): Promise<void> => {
      const args = confined(draw(world), work);
      called++;
      try {
        const { isError, text, content } = await assistant.call(name, isRecord(args) ? args : {});
        const leak = leakIn(text);
        if (leak !== undefined) faults.push(shown(name, args, text));
        if (content.length === 0 || (isError && text === '')) faults.push(shown(name, args, 'empty result'));
        if (!isError) succeeded++;
      } catch (error) {
        faults.push(shown(name, args, `thrown: ${String(error)}`));
      }
    };

    await engine.call('version', {});
    const host = hosts();
    const play = async (plan: ReturnType<typeof rounds>, first: number) => {
      for (const [index, round] of plan.entries()) {
        await replenish(engine, first + index);
        let world = await lookAround(engine, work);
        for (const [place, { name, draw }] of round.entries()) {
          if (place % 32 === 31) world = await lookAround(engine, work);
          await call(name, draw, world);
        }
        expect(hosts()).toBe(host);
      }
    };

    const sound = tools.filter(({ name }) => !unchecked.has(name));
    await play(rounds(sound, 40, seed), 0);
    expect(await problems(engine)).toEqual([]);
    const all = rounds(tools, 40, seed + 1000);
    const left = 10_000 - called;
    const some = all.map((round, index) => round.slice(0, Math.max(0, left - index * tools.length)));
    await play(some, 40);
    expect(unexplained(await problems(engine))).toEqual([]);

    expect(faults.slice(0, 20)).toEqual([]);
    expect(called).toBe(10_000);
    expect(succeeded).toBeGreaterThan(4_000); // else the calls do not reach deep
    const before = await counts(engine);
    await assistant.close();
    await engine.close();
    const again = new Engine({ collection: join(folder, 'collection.anki2'), log: () => {} });
    expect(await counts(again)).toEqual(before);
    expect(await problems(again)).toEqual([]);
    await again.close();
    await close();
    task.meta.cases = called;
  });

  test('the HTTP API gets invalid JSON and all kinds of parameters: it replies like the add-on', async ({
    task,
  }) => {
    const { engine, close } = temporaryEngine();
    const api = await startApi(engine);
    const faults: string[] = [];
    const actions = tools.filter(({ name }) => isActionName(name));
    const drawn = actions.map((tool, index) => {
      const odd = fc.constantFrom<unknown>(5, 4, undefined, '6', null, 6.5, true, 1e21);
      const version = fc.oneof(
        { weight: 12, arbitrary: fc.constant<unknown>(6) },
        { weight: 1, arbitrary: odd },
      );
      const request = fc.tuple(argumentsOf(tool), version).map(([params, value]): Draw => (world) => ({
        action: tool.name,
        params: params(world),
        ...(value !== undefined && { version: value }),
      }));
      const batch = fc.array(request, { maxLength: 4 }).map((list): Draw => (world) => ({
        action: 'multi',
        version: 6,
        params: { actions: list.map((draw) => draw(world)) },
      }));
      const any = fc.oneof(
        { weight: 9, arbitrary: request },
        { weight: 1, arbitrary: batch },
        { weight: 1, arbitrary: invalid(request) },
      );
      return { tool, draws: fc.sample(fc.tuple(any, corrupted), { seed: seed + index, numRuns: 25 }) };
    });

    await engine.call('version', {});
    const host = hosts();
    let asked = 0;
    for (let round = 0; round < 25; round++) {
      await replenish(engine, round);
      const world = await lookAround(engine, work);
      for (const { tool, draws } of drawn) {
        const [draw, spoil] = draws[round] ?? [];
        if (!draw || !spoil || asked === 3000) continue;
        const body = spoil(JSON.stringify(confined(draw(world), work)));
        asked++;
        const response = await fetch(api.url, { method: 'POST', body, signal: AbortSignal.timeout(60_000) });
        const text = await response.text();
        if (response.status !== 200) faults.push(shown(tool.name, String(body), `status ${response.status}`));
        const leak = leakIn(text.replace(/The body is not valid JSON\. [^"]*/, '')); // the parser's own message is useful there
        if (leak !== undefined) faults.push(shown(tool.name, String(body), text));
        JSON.parse(text);
      }
      expect(hosts()).toBe(host);
    }
    expect(faults.slice(0, 20)).toEqual([]);
    expect(asked).toBe(3000);
    expect(api.lines).toEqual([]);
    expect(unexplained(await problems(engine))).toEqual([]);
    await api.close();
    await close();
    task.meta.cases = asked;
  });

  test('read-only tools get valid and invalid arguments: no byte of the collection and its media changes', async ({
    task,
  }) => {
    const { engine, folder, close } = temporaryEngine();
    for (let round = 0; round < 8; round++) await replenish(engine, round);
    const cards = await engine.call('findCards', { query: '' });
    const answers = cards.slice(0, 30).map((cardId, index) => ({ cardId, ease: (index % 4) + 1 }));
    await engine.request('answerCards', { answers });
    const world = await lookAround(engine, work);
    const assistant = await Assistant.of(engine);
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
      );
    const times = () =>
      files().map((path) => {
        const { size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
        return `${path} ${size} ${mtimeNs} ${ctimeNs}`;
      });
    const bytes = () => files().map((path) => createHash('sha1').update(readFileSync(path)).digest('hex'));

    const [timesBefore, bytesBefore] = [times(), bytes()];
    let called = 0;
    for (const [index, tool] of tools.entries()) {
      if (!tool.annotations.readOnlyHint) continue;
      for (const draw of fc.sample(argumentsOf(tool), { seed: seed + index, numRuns: 30 })) {
        const args = confined(draw(world), work);
        await assistant.call(tool.name, isRecord(args) ? args : {});
        expect(times(), shown(tool.name, args, 'has changed something')).toEqual(timesBefore);
        called++;
      }
      expect(bytes(), tool.name).toEqual(bytesBefore);
    }
    expect(called).toBe(1530);
    await assistant.close();
    await close();
    task.meta.cases = called;
  });
});
