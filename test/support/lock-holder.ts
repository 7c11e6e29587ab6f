// A process that takes a lock again and again. Removing a file takes long, so that others act in between.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { underLock } from '../../src/oauth/lock.ts';

const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const { rmSync } = fs;
fs.rmSync = (...args) => {
  sleep(Math.random() * 40);
  rmSync(...args);
};
syncBuiltinESMExports();

const [, , lock = '', counter = '', times = '0', staleMs = '0'] = process.argv;
for (let at = 0; at < Number(times); at++) {
  await underLock(
    lock,
    () => {
      const count = Number(fs.readFileSync(counter, 'utf8'));
      sleep(5);
      fs.writeFileSync(counter, String(count + 1));
    },
    Number(staleMs),
  );
}
