import type { Json } from '../action.ts';
import { actionNames, isActionName } from '../actions/index.ts';
import type * as contract from '../actions/misc.ts';
import { reply, refusal } from '../envelope.ts';
import { AnkiRefused, OutcomeUnknown } from '../errors.ts';
import { refuseMissing } from './binding.ts';
import type { Call, Handlers } from './handler.ts';
import { packages } from './package.ts';
import { isObject, iterate, typeName } from './python.ts';
import { sync } from './sync.ts';

const apiVersion = 6;

/** In the contract, but in no release of Anki-Connect: a client is told of what it would find elsewhere too. */
const unreleased = new Set<string>(['guiAddNoteSetData']);
const isReleased = (name: string) => isActionName(name) && !unreleased.has(name);

const attribute = (name: Json): string => {
  if (typeof name === 'string') return name;
  throw new AnkiRefused(`attribute name must be string, not '${typeName(name)}'`);
};

/** Answers one request of a batch, which nothing has checked before. */
async function answer(request: Json, { run }: Call): Promise<Json> {
  if (!isObject(request)) {
    throw new AnkiRefused(`'${typeName(request)}' object has no attribute 'get'`);
  }
  const { action = '', version = 4, params = {}, key = null } = request;
  try {
    if (action === 'requestPermission') {
      // Its parameters come with the HTTP request, and a batch has none of its own.
      const missing = ['origin', 'allowed'].filter((name) => isObject(params) && params[name] === undefined);
      refuseMissing(action, missing);
    } else if (key !== null) throw new AnkiRefused('valid api key must be provided');
    const result = await run(typeof action === 'string' ? action : '', params);
    if (typeof version === 'number' || typeof version === 'bigint' || typeof version === 'boolean')
      return reply(result, version);
    throw new AnkiRefused(`'<=' not supported between instances of '${typeName(version)}' and 'int'`);
  } catch (error) {
    if (error instanceof OutcomeUnknown) throw error; // the engine is gone, and nothing after this can be done
    return refusal(error);
  }
}

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

  async multi(collection, { actions }, call) {
    const requests = iterate(actions);
    return collection.asOneStep(async () => {
      const replies: Json[] = [];
      for (const request of requests) {
        call.signal?.throwIfAborted();
        replies.push(await answer(request, call));
      }
      return replies;
    });
  },
} satisfies Handlers<keyof typeof contract>;
