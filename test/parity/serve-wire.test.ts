import { describe, expect, test, beforeAll, afterAll } from 'vitest';
import { comparable, exchange, runs } from './wire.ts';
import { startApi, type Api } from '../support/api.ts';
import { temporaryEngine } from '../support/collection.ts';

describe.each(runs)('with the settings $config', ({ config, exchanges }) => {
  const { engine, close } = temporaryEngine();
  let api: Api;

  beforeAll(async () => {
    api = await startApi(engine, {
      apiKey: config.apiKey ?? null,
      origins: {
        allowed: config.webCorsOriginList ?? ['http://localhost'],
        ignored: config.ignoreOriginList ?? [],
      },
    });
  });
  afterAll(async () => {
    await api.close();
    await close();
  });

  test.each(exchanges)('$name', async (recorded) => {
    const response = await exchange(recorded.request, api.port);
    expect(comparable(response, recorded)).toEqual(comparable(recorded.response, recorded));
    expect(Number(response.headers['content-length'])).toBe(Buffer.byteLength(response.bodyText));
  });
});
