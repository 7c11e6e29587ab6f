import { complete, type Completion } from '../prompts/completion.ts';
import { NotThere } from '../../contract/errors.ts';
import { nearest } from '../../lib/nearest.ts';
import type { Contents, Resource } from './resource.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { media } from './media.ts';
import { noteType } from './note-type.ts';
import { note } from './note.ts';
import { overview } from './overview.ts';
import { searchSyntax } from './search-syntax.ts';
import type { Context } from '../../tools/workflow.ts';

const all: readonly Resource[] = [overview, searchSyntax, deck, noteType, note, card, media];

const isTemplate = ({ uri }: Resource): boolean => uri.endsWith('}');
/** A template without its variable. */
const stem = ({ uri }: Resource): string => uri.replace(/\{\w+\}$/, '');

const shown = ({ name, title, description, mimeType }: Resource) => ({
  name,
  title,
  description,
  ...(mimeType !== undefined && { mimeType }),
});

/** The resources without a name in them. Clients list when they connect: that must open no collection. */
export const resourceList = all
  .filter((resource) => !isTemplate(resource))
  .map((resource) => ({ uri: resource.uri, ...shown(resource) }));

export const resourceTemplates = all
  .filter(isTemplate)
  .map((resource) => ({ uriTemplate: resource.uri, ...shown(resource) }));

/** Reads what a URI names, whether or not the client percent-encoded the name. */
export async function readResource(uri: string, context: Context): Promise<Contents> {
  const found = all.find((resource) =>
    isTemplate(resource) ? uri.startsWith(stem(resource)) : uri === resource.uri,
  );
  if (!found) throw new NotThere(`There is no resource ${uri}. There are: ${known()}.`);
  const written = uri.slice(stem(found).length);
  const spellings = new Set([decoded(written).normalize('NFC'), decoded(written), written]);
  for (const name of spellings) {
    const contents = await found.read(context, name);
    if (contents) return contents;
  }
  throw await missing(found, decoded(written), context);
}

/** Completes the variable of a template. */
export async function completeResource(
  template: string,
  typed: string,
  context: Context,
): Promise<Completion> {
  const found = all.find(({ uri }) => uri === template);
  if (!found) throw new NotThere(`There is no resource ${template}. There are: ${known()}.`);
  return complete(typed, (await found.names?.(context)) ?? []);
}

const known = (): string => all.map(({ uri }) => uri).join(', ');

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % in a name that was not encoded
  }
}

async function missing({ title, names }: Resource, name: string, context: Context): Promise<NotThere> {
  const meant = names && nearest(name, await names(context));
  const hint = meant === undefined ? '.' : `; did you mean "${meant}"?`;
  return new NotThere(`There is no ${title.toLowerCase()} "${name}"${hint}`);
}
