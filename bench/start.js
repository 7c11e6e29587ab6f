// The start of the server, beside a bare Node JSON-RPC loop.
import { RpcClient } from './rpc-client.js';
import { formatMs, median, medianTime, report, reportRatio } from './report.js';

const bareLoop = `let rest = ''; process.stdin.setEncoding('utf8').on('data', (chunk) => { const lines = (rest + chunk).split('\\n'); rest = lines.pop();
  for (const line of lines) { const { id } = JSON.parse(line); if (id) process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result: {} }) + '\\n'); } });`;

const runs = 21;

/** @param {string} main The server. */
export async function measureStart(main) {
  const sides = { bare: ['-e', bareLoop], ours: [main], core: [main, '--toolsets', 'core'] };
  const figures = () => ({
    initialize: /** @type {number[]} */ ([]),
    list: /** @type {number[]} */ ([]),
    cpuOfInitialize: /** @type {number[]} */ ([]),
    cpu: /** @type {number[]} */ ([]),
    memory: /** @type {number[]} */ ([]),
    listAgain: /** @type {number[]} */ ([]),
  });
  const measured = { bare: figures(), ours: figures(), core: figures() };
  for (let n = 0; n < runs; n++) {
    for (const side of /** @type {const} */ (['bare', 'ours', 'core'])) {
      const start = performance.now();
      const client = new RpcClient(sides[side]);
      await client.initialize();
      measured[side].initialize.push(performance.now() - start);
      measured[side].cpuOfInitialize.push(client.cpu());
      await client.request('tools/list');
      measured[side].list.push(performance.now() - start);
      measured[side].cpu.push(client.cpu());
      measured[side].memory.push(client.memory());
      measured[side].listAgain.push(await medianTime(5, () => client.request('tools/list')));
      await client.end();
    }
  }
  const { ours, core, bare } = measured;
  const against = 'against a bare Node JSON-RPC loop';
  /** @param {string} title @param {readonly number[]} values @param {readonly number[]} base */
  const ratio = (title, values, base) => reportRatio(`${title}, ${against}`, median(values), median(base));
  ratio('start to `initialize`', ours.initialize, bare.initialize);
  ratio('start to `tools/list`', ours.list, bare.list);
  ratio('CPU to `initialize`', ours.cpuOfInitialize, bare.cpuOfInitialize);
  ratio('CPU to `tools/list`', ours.cpu, bare.cpu);
  reportRatio(
    'CPU to `tools/list` with `--toolsets core`, against all tools',
    median(core.cpu),
    median(ours.cpu),
  );
  reportRatio(
    `resident memory then, ${against}`,
    median(ours.memory),
    median(bare.memory),
    (mb) => `${mb} MB`,
  );
  report('`tools/list` again', formatMs(median(ours.listAgain)));
}
