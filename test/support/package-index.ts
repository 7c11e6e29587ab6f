import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { basename, join } from 'node:path';
import { vi } from 'vitest';
import type { Installation } from '../../src/backends/engine/process/install.ts';
import { startWebServer } from './web-server.ts';

/** Makes pip and uv use only this index, with short timeouts. */
export function useIndex(url: string): void {
  const settings = {
    PIP_INDEX_URL: url,
    PIP_EXTRA_INDEX_URL: '',
    PIP_FIND_LINKS: '',
    PIP_NO_CACHE_DIR: '1',
    PIP_RETRIES: '0',
    PIP_DEFAULT_TIMEOUT: '2',
    PIP_TRUSTED_HOST: '127.0.0.1',
    UV_DEFAULT_INDEX: url,
    UV_INDEX: '',
    UV_NO_CONFIG: '1',
    UV_NO_CACHE: '1',
    UV_HTTP_TIMEOUT: '2',
    UV_HTTP_RETRIES: '0',
  };
  for (const [name, value] of Object.entries(settings)) vi.stubEnv(name, value);
}

/** Starts a package index on a free port. */
export async function startIndex(listener: RequestListener) {
  const { url, close } = await startWebServer(listener);
  return { url: `${url}/simple`, close };
}

/** Serves one wheel as the only package. */
export const onlyWheel =
  (wheel: string): RequestListener =>
  (request, response) => {
    if (request.url?.endsWith('.whl')) {
      createReadStream(wheel).pipe(response);
    } else {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!DOCTYPE html><a href="/${basename(wheel)}">${basename(wheel)}</a>`);
    }
  };

const pack = `
import os, sys, zipfile
wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel, 'w') as file:
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            file.write(path, os.path.relpath(path, folder))
`;

/** Packs the installed engine as a wheel with the published name but another hash. Returns its path. */
export function repacked({ python, folder }: Installation, into: string, version: string): string {
  const about = readFileSync(join(folder, `anki-${version}.dist-info`, 'WHEEL'), 'utf8');
  const [, tag = ''] = /^Tag: (\S+)/m.exec(about) ?? [];
  const wheel = join(into, `anki-${version}-${tag}.whl`);
  execFileSync(python, ['-I', '-c', pack, wheel, folder]);
  return wheel;
}
