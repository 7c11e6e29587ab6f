import { complete, type Completion } from '../completion.ts';
import { NotFound } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { nearest } from '../../lib/nearest.ts';
import type { Contents, Resource } from './resource.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { media } from './media.ts';
import { noteType } from './note-type.ts';
import { note } from './note.ts';
import { overview } from './overview.ts';
import { searchSyntax } from './search-syntax.ts';
import { skillResources } from '../skills/index.ts';
import type { Context } from '../../tools/workflow.ts';

const resources: readonly Resource[] = [
  overview,
  searchSyntax,
  deck,
  noteType,
  note,
  card,
  media,
  ...skillResources,
];

const isTemplate = ({ uri }: Resource): boolean => uri.endsWith('}');
/** Returns the URI without its variable. */
const prefixOf = ({ uri }: Resource): string => uri.replace(/\{\w+\}$/, '');

const toWire = ({ name, title, description, mimeType }: Resource) => ({
  name,
  title,
  description,
  ...(mimeType !== undefined && { mimeType }),
});

/** Resources with a fixed URI. Clients list them when they connect, so listing must not open the collection. */
export const resourceList = resources
  .filter((resource) => !isTemplate(resource))
  .map((resource) => ({ uri: resource.uri, ...toWire(resource) }));

export const resourceTemplates = resources
  .filter(isTemplate)
  .map((resource) => ({ uriTemplate: resource.uri, ...toWire(resource) }));

/** Returns the content of a URI. Accepts names that the client did not percent-encode. */
export async function readResource(uri: string, context: Context): Promise<Contents> {
  const found = resources.find((resource) =>
    isTemplate(resource) ? uri.startsWith(prefixOf(resource)) : uri === resource.uri,
  );
  if (!found) throw unknownResource(uri);
  const suffix = uri.slice(prefixOf(found).length);
  const spellings = new Set([decode(suffix).normalize('NFC'), decode(suffix), suffix]);
  for (const name of spellings) {
    const contents = await found.read(context, name);
    if (contents) return contents;
  }
  throw await unknownName(found, decode(suffix), context);
}

/** Completes the variable of a URI template. */
export async function completeResource(
  template: string,
  typed: string,
  context: Context,
): Promise<Completion> {
  const found = resources.find(({ uri }) => uri === template);
  if (!found) throw unknownResource(template);
  return complete(typed, (await found.names?.(context)) ?? []);
}

const unknownResource = (uri: string): NotFound =>
  new NotFound(
    `The resource ${echo(uri)} does not exist. Existing: ${resources.map((resource) => resource.uri).join(', ')}.`,
  );

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // the name contains % and was not encoded
  }
}

async function unknownName({ title, names }: Resource, name: string, context: Context): Promise<NotFound> {
  const similar = names && nearest(name, await names(context));
  const hint = similar === undefined ? '' : ` Did you mean "${similar}"?`;
  return new NotFound(`${title} "${echo(name)}" does not exist.${hint}`);
}
