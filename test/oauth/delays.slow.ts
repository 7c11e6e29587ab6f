import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  authorize,
  bearer,
  codeIn,
  login,
  ownerPassword,
  post,
  register,
  startOAuth,
  submit,
} from '../support/oauth-server.ts';

test('five wrong passwords end a login, and a burst of them does not keep the owner out', async () => {
  const own = await startOAuth();
  const { client_id } = await register(own);
  const started = await authorize(own, { client_id });
  const statuses: number[] = [];
  for (let count = 0; count < 5; count++)
    statuses.push((await submit(started, { password: `wrong ${count}` })).response.status);
  expect(statuses).toEqual([403, 403, 403, 403, 403]);
  expect((await submit(started)).response.status).toBe(400); // even the right one comes too late
  const guesses = await Promise.all([1, 2, 3].map(() => authorize(own, { client_id })));
  const burst = guesses.flatMap((guess) => [1, 2, 3, 4].map(() => submit(guess, { password: 'guess' })));
  const { url } = await submit(await authorize(own, { client_id }));
  expect(codeIn(url)).not.toBe('');
  const begun = performance.now();
  await Promise.all(burst);
  expect(performance.now() - begun).toBeGreaterThan(1000); // one a second, not as fast as the computer can
  expect(own.output.stderr.match(/wrong owner password/g)).toHaveLength(1);
  expect(own.output.stderr).not.toContain('guess');
  expect(own.output.stderr).not.toContain(ownerPassword);
});

test('a lock that a killed process has left does not stop the server for good', async () => {
  const server = await startOAuth();
  writeFileSync(`${server.grantsFile}.lock`, '');
  const { access_token } = await login(server);
  expect((await post(server, bearer(access_token))).status).toBe(200);
});
