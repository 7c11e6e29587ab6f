import type { Engine } from '../../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../../src/backends/engine/options.ts';
import { Assistant } from '../assistant.ts';
import { temporaryEngine } from '../collection.ts';
import { desktop } from '../desktop.ts';
import { panelClient } from './client.ts';
import { startHost, type PanelHost } from './host.ts';

export type BackendKind = 'the engine' | 'the desktop';

/** A host that shows the panels of a server on this backend. `engine` has the collection of both. */
export async function startPanels(
  kind: BackendKind,
  options: Partial<EngineOptions> = {},
): Promise<{ engine: Engine; assistant: Assistant; host: PanelHost; close: () => Promise<void> }> {
  const { engine, close: closeEngine } = temporaryEngine(options);
  const remote = kind === 'the desktop' ? await desktop(engine) : undefined;
  const assistant = await Assistant.of(remote?.backend ?? engine, {}, panelClient());
  const host = startHost(assistant.client);
  const close = async () => {
    await host.close();
    await assistant.close();
    await remote?.close();
    await closeEngine();
  };
  return { engine, assistant, host, close };
}
