import { mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, join, resolve, sep } from 'node:path';
import type { Engine } from '../../src/backends/engine/engine.ts';
import type { World } from './arbitrary.ts';

const number = (value: unknown): number => Number(value);

/** Returns the current contents of a collection. */
export async function lookAround(engine: Engine, folder: string): Promise<World> {
  const [decks, models, noteIds, cardIds, tags, media] = [
    await engine.call('deckNamesAndIds', {}),
    await engine.call('modelNamesAndIds', {}),
    await engine.call('findNotes', { query: '' }),
    await engine.call('findCards', { query: '' }),
    await engine.call('getTags', {}),
    await engine.call('getMediaFilesNames', {}),
  ];
  const types = await engine.call('findModelsById', { modelIds: Object.values(models).slice(-8) });
  const options = await Promise.all(
    Object.keys(decks)
      .slice(-8)
      .map((deck) => engine.call('getDeckConfig', { deck })),
  );
  return {
    folder,
    decks: Object.keys(decks),
    deckIds: Object.values(decks),
    models: Object.keys(models),
    modelIds: Object.values(models),
    fields: types.flatMap(({ flds }) => flds.map(({ name }) => name)),
    templates: types.flatMap(({ tmpls }) => tmpls.map(({ name }) => name)),
    optionIds: options.flatMap((group) => (group === false ? [] : [number(group['id'])])),
    noteIds: noteIds.slice(-60),
    cardIds: cardIds.slice(-60),
    tags,
    media,
  };
}

/** Names with a special meaning in programs, searches or templates. */
const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  "a' or 1=1 --",
  'current',
  'a_b*(c)',
  '<b>&amp;',
  '1',
];

const addType = (engine: Engine, modelName: string, isCloze: boolean) => {
  const tag = isCloze ? '{{cloze:Text}}' : '{{Text}}{{#toString}}{{__proto__}}{{/toString}}';
  return engine.call('createModel', {
    modelName,
    inOrderFields: ['Text', 'Front', '__proto__', 'constructor', 'toString'],
    cardTemplates: ['__proto__', ...(isCloze ? [] : ['Card', 'constructor'])].map((Name) => ({
      Name,
      Front: `${Name} ${tag}`,
      Back: `${tag}<hr id=answer>{{type:Front}}{{constructor}}`,
    })),
    isCloze,
  });
};

/** Adds note types, decks, notes and media with usual and unusual names, however much was deleted before. */
export async function replenish(engine: Engine, round: number): Promise<void> {
  const odd = oddNames[round % oddNames.length] ?? '';
  const isCloze = round % 3 === 0;
  const modelName = `Type ${round}`;
  await addType(engine, modelName, isCloze);
  for (const deckName of [odd, `Round ${round % 7}::${odd}`]) {
    await engine.call('createDeck', { deck: deckName });
    const notes = Array.from({ length: 6 }, (_, index) => ({
      deckName,
      modelName,
      fields: {
        Text: `${isCloze ? '{{c1::a}} {{c2::b::hint}}' : 'a'} ${round} ${index} <img src="a.png">`,
        Front: `[sound:a.mp3] ${index}`,
        ['__proto__']: 'proto',
        constructor: '<b>x</b>',
        toString: index % 2 ? 'x' : '',
      },
      tags: [odd.replaceAll(' ', '_'), `round::${round % 5}`],
      options: { allowDuplicate: true },
    }));
    await engine.call('addNotes', { notes });
  }
  await engine.call('storeMediaFile', { filename: 'a.png', data: 'iVBORw0KGgo=' });
  await engine.call('guiDeckReview', { name: odd });
}

/** Returns the arguments with paths moved into a folder and URLs without network access. */
export function confined(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => confined(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === 'path' && typeof member === 'string') return [key, pathWithin(member, folder)];
      if (key === 'url' && typeof member === 'string') return [key, withoutNetwork(member)];
      return [key, confined(member, folder)];
    }),
  );
}

function pathWithin(path: string, folder: string): string {
  mkdirSync(join(folder, 'sub'), { recursive: true });
  const absolute = resolve(folder, path.replaceAll('\0', ''));
  if (!absolute.startsWith(`${folder}${sep}`)) return join(folder, basename(path));
  // Dots and NUL in the path are kept.
  return path.startsWith(sep) ? path : `${folder}${sep}${path}`;
}

function withoutNetwork(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, hostname } = new URL(url);
  const isAddress = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) > 0;
  return isAddress || !/^https?:$/.test(protocol) ? url : 'http://127.0.0.1:1/x';
}
