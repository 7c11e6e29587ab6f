import { actionNames, isActionName, isReleased } from '../../../contract/index.ts';
import type * as contract from '../../../contract/misc.ts';
import { answerAll, asValues } from '../../../anki-connect/dispatch.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Handlers } from '../session/handler.ts';
import { packages } from './package.ts';
import { typeName } from '../../../anki-connect/python.ts';
import { sync } from './sync.ts';
import type { Json } from '../../../lib/json.ts';

const apiVersion = 6;

const isKnown = (name: string): boolean => isActionName(name) && isReleased(name);

const actionName = (name: Json): string => {
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
    const names: readonly string[] = actions?.map(actionName) ?? actionNames;
    return { scopes: ['actions'], actions: names.filter(isKnown) };
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
    return collection.undoSteps.joinActions(() =>
      answerAll(actions, { acceptsKey, call: run, form: asValues, signal }),
    );
  },
} satisfies Handlers<keyof typeof contract>;
