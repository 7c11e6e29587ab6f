import { versions } from 'panel-versions';
import { NotFound } from '../contract/errors.ts';
import { panelExtension, panelMimeType, type PanelName } from '../contract/panels/index.ts';
import { echo } from '../lib/cut.ts';
import { own } from '../lib/json.ts';
import { isMembers } from './json-rpc/message.ts';
import type { ManifestTool } from '../tools/manifest-tool.ts';

/** The HTML of each panel is a separate chunk, which is loaded when a host reads it. */
const pages: Readonly<Record<PanelName, () => Promise<{ readonly html: string }>>> = {
  occlusion: () => import('panel:occlusion'),
  overview: () => import('panel:overview'),
  review: () => import('panel:review'),
  study: () => import('panel:study'),
};

/** Returns true if a client with these extensions shows panels. */
export function showsPanels(extensions: unknown): boolean {
  const panels = isMembers(extensions) ? extensions[panelExtension] : undefined;
  const types = isMembers(panels) ? panels['mimeTypes'] : undefined;
  return Array.isArray(types) && types.includes(panelMimeType);
}

/** Returns the tools that a client sees. Tools for panels exist only for clients that show them. */
export const toolsFor = (tools: readonly ManifestTool[], hasPanels: boolean): readonly ManifestTool[] =>
  hasPanels ? tools : tools.filter(({ ui }) => !ui?.appOnly);

const uriOf = (panel: PanelName): string => `ui://ankiwright/${panel}-${versions[panel]}.html`;

/** Returns how a host shows a tool. Hosts without panels ignore it. */
export const panelMeta = ({ panel, appOnly }: NonNullable<ManifestTool['ui']>) => ({
  ui: appOnly ? { visibility: ['app'] } : { resourceUri: uriOf(panel) },
});

export const isPanelUri = (uri: string): boolean => uri.startsWith('ui://');

/** Returns the HTML of a panel. The version may be an earlier one: a host may have kept the list of tools. */
export async function readPanel(uri: string) {
  const [, name = ''] = /^ui:\/\/ankiwright\/([a-z-]+?)-[\da-f]+\.html$/.exec(uri) ?? [];
  const load = own(pages, name);
  if (!load) throw new NotFound(`The panel ${echo(uri)} does not exist.`);
  const { html } = await load();
  return { uri, mimeType: panelMimeType, text: html, _meta: { ui: { prefersBorder: true } } };
}
