/** Names of the panels in src/apps. */
export type PanelName = 'occlusion' | 'overview' | 'review' | 'study';

/** Extension of MCP by which a client declares that it shows panels. */
export const panelExtension = 'io.modelcontextprotocol/ui';
export const panelMimeType = 'text/html;profile=mcp-app';

/** Member of a result's `_meta` that only panels read: what they need to find their state on the server. */
export const panelHandle = 'ankiwright/panel';
