import { actionNames, isActionName } from '../../../contract/index.ts';
import type * as contract from '../../../contract/misc.ts';
import { answerAll } from '../../../anki-connect/dispatch.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Handlers } from '../session/handler.ts';
import { packages } from './package.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { sync } from './sync.ts';
import type { Json } from '../../../lib/json.ts';

const apiVersion = 6;

/** In the contract, but in no release of Anki-Connect: a client is told of what it would find elsewhere too. */
const unreleased = new Set<string>(['guiAddNoteSetData']);
const isReleased = (name: string) => isActionName(name) && !unreleased.has(name);

const attribute = (name: Json): string => {
  if (typeof name === 'string') return name;
  throw new AnkiRefused(`attribute name must be string, not '${typeName(name)}'`);
};

export const misc = {
  ...packages,
  ...sync,

  async version() {
    return apiVersion;
  },

  async requestPermission() {
    return { permission: 'granted', requireApikey: false, version: apiVersion };
  },

  async apiReflect(_collection, { scopes, actions = null }) {
    if (!Array.isArray(scopes)) throw new AnkiRefused('scopes has invalid value');
    if (actions !== null && !Array.isArray(actions)) throw new AnkiRefused('actions has invalid value');
    if (!scopes.includes('actions')) return { scopes: [] };
    const asked: readonly string[] = actions?.map(attribute) ?? actionNames;
    return { scopes: ['actions'], actions: asked.filter(isReleased) };
  },

  async getProfiles({ profile }) {
    return [profile];
  },

  async getActiveProfile({ profile }) {
    return profile;
  },

  async loadProfile({ profile }, { name }) {
    return name === profile;
  },

  async reloadCollection() {
    return null;
  },

  async multi(collection, { actions }, { run, signal }) {
    const acceptsKey = (key: Json) => key === null;
    return collection.asOneStep(() => answerAll(actions, { acceptsKey, call: run, signal }));
  },
} satisfies Handlers<keyof typeof contract>;
