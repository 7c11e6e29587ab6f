/*
 * The connection between a panel and its host: JSON-RPC 2.0 by postMessage, as MCP Apps 2026-01-26 defines it. The
 * official client class has 147 kB (gzip), this has 1 kB.
 */

export interface ToolResult {
  readonly isError: boolean;
  readonly text: string;
  /** The result for programs, `structuredContent`. */
  readonly data: unknown;
  readonly meta: unknown;
}

/** What the host says about itself. Any member may be missing. */
export interface HostContext {
  readonly theme?: 'light' | 'dark';
  readonly styles?: { readonly variables?: Readonly<Record<string, string>> };
}

export interface Listeners {
  /** The result of the tool that the panel belongs to. */
  readonly onResult: (result: ToolResult) => void;
  readonly onCancelled: () => void;
  /** The theme has changed. */
  readonly onTheme?: () => void;
  /** The host is about to remove the panel. It waits for the promise. */
  readonly onTeardown?: () => Promise<void>;
}

/** A connected host. */
export interface Host {
  readonly theme: 'light' | 'dark';
  /** Whether the host lets the panel call tools. */
  readonly canCall: boolean;
  readonly canMessage: boolean;
  /** Starts the panel: the host sends the result of the tool after this. Call it once. */
  listen(listeners: Listeners): void;
  callTool(name: string, args: object): Promise<ToolResult>;
  /** Sends a text to the model with the user's next message. A later text replaces an earlier one. */
  updateContext(text: string): void;
  /** Sends a message of the user, which starts an answer of the model. */
  sendMessage(text: string): Promise<void>;
  openLink(url: string): void;
}

type Message = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Message => typeof value === 'object' && value !== null;

/** Returns a member of a value of unknown form. */
export const member = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);

function resultOf(value: unknown): ToolResult {
  const content = member(value, 'content');
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  return {
    isError: member(value, 'isError') === true,
    text: parts
      .map((part) => member(part, 'text'))
      .filter((text) => typeof text === 'string')
      .join('\n'),
    data: member(value, 'structuredContent'),
    meta: member(value, '_meta'),
  };
}

interface PendingRequest {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Connects to the host. Messages of other windows are ignored. */
export async function connect(name: string): Promise<Host> {
  const pending = new Map<unknown, PendingRequest>();
  let lastId = 0;
  const post = (message: object) => window.parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const notify = (method: string, params: object) => post({ method, params });
  const request = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      pending.set(lastId, { resolve, reject });
      post({ id: lastId, method, params });
    });

  let context: HostContext = {};
  let listeners: Listeners | undefined;
  /** Notifications that the host sent before the panel listened. */
  const early: Message[] = [];
  const updateHostContext = (changes: unknown) => {
    context = { ...context, ...(isObject(changes) ? changes : {}) };
    applyTheme(context);
    listeners?.onTheme?.();
  };
  const onNotification = (message: Message) => {
    const { method, params } = message;
    if (method === 'ui/notifications/host-context-changed') updateHostContext(params);
    else if (!listeners) early.push(message);
    else if (method === 'ui/notifications/tool-result') listeners.onResult(resultOf(params));
    else if (method === 'ui/notifications/tool-cancelled') listeners.onCancelled();
  };
  const settle = ({ id, result, error }: Message) => {
    const settled = pending.get(id);
    pending.delete(id);
    if (error === undefined) settled?.resolve(result);
    else settled?.reject(new Error(String(member(error, 'message') ?? 'the host refused the request')));
  };
  const tearDown = async (id: unknown) => {
    await listeners?.onTeardown?.();
    post({ id, result: {} });
  };
  window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== window.parent || !isObject(data) || data['jsonrpc'] !== '2.0') return;
    const { id, method } = data;
    if (method === undefined) settle(data);
    else if (id === undefined) onNotification(data);
    else if (method === 'ping') post({ id, result: {} });
    else if (method === 'ui/resource-teardown') void tearDown(id);
    else post({ id, error: { code: -32601, message: 'Method not found' } });
  });

  const started = await request('ui/initialize', {
    protocolVersion: '2026-01-26',
    appInfo: { name: `ankiwright-${name}`, version: '1' },
    appCapabilities: { availableDisplayModes: ['inline'] },
  });
  const capabilities = member(started, 'hostCapabilities');
  const can = (capability: string) => member(capabilities, capability) !== undefined;
  updateHostContext(member(started, 'hostContext'));

  return {
    get theme() {
      return themeOf(context);
    },
    canCall: can('serverTools'),
    canMessage: can('message'),
    listen(each) {
      listeners = each;
      notify('ui/notifications/initialized', {});
      reportSize((height) => notify('ui/notifications/size-changed', { height }));
      for (const message of early) onNotification(message);
    },
    callTool: async (tool, args) => resultOf(await request('tools/call', { name: tool, arguments: args })),
    updateContext(text) {
      if (!can('updateModelContext')) return;
      // The panel works without it, and a host may refuse it.
      request('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
    },
    async sendMessage(text) {
      const answer = await request('ui/message', { role: 'user', content: [{ type: 'text', text }] });
      if (member(answer, 'isError') === true) throw new Error('The message was not sent.');
    },
    openLink(url) {
      request('ui/open-link', { url }).catch(() => {});
    },
  };
}

const themeOf = ({ theme }: HostContext): 'light' | 'dark' =>
  theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

function applyTheme(context: HostContext): void {
  const { style } = document.documentElement;
  style.colorScheme = themeOf(context);
  for (const [name, value] of Object.entries(context.styles?.variables ?? {}))
    if (name.startsWith('--')) style.setProperty(name, value);
}

/** Reports the height of the page whenever it changes. */
function reportSize(report: (height: number) => void): void {
  let last = 0;
  const measure = () => {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    report(height);
  };
  new ResizeObserver(measure).observe(document.documentElement);
  measure();
}
