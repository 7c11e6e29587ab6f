// The page of a host, with the official AppBridge. It runs in Chromium and passes on to Node what a panel asks for.
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';
import type { CallToolResult, Implementation } from '@modelcontextprotocol/sdk/types.js';

export interface PanelToOpen {
  readonly sandbox: string;
  readonly html: string;
  readonly input: Record<string, unknown>;
  readonly result: CallToolResult;
  readonly theme: 'light' | 'dark';
  readonly canCall: boolean;
  readonly canMessage: boolean;
}

declare global {
  interface Window {
    /** Provided by the test. Returns the result of a request of the panel. */
    toTest(kind: string, params: unknown): Promise<never>;
    openPanel(panel: PanelToOpen): Promise<void>;
    removePanel(): void;
    setTheme(theme: 'light' | 'dark'): void;
    closePanel(): Promise<unknown>;
  }
}

const hostInfo: Implementation = { name: 'test-host', version: '1' };
let bridge: AppBridge;

window.openPanel = async ({ sandbox, html, input, result, theme, canCall, canMessage }) => {
  const frame = document.createElement('iframe');
  frame.title = 'Panel';
  frame.style.cssText = 'width:100%;height:100px;border:0;display:block';
  document.body.append(frame);
  bridge = new AppBridge(
    null,
    hostInfo,
    {
      ...(canCall && { serverTools: {} }),
      ...(canMessage && { message: {} }),
      openLinks: {},
      updateModelContext: {},
    },
    { hostContext: { theme, displayMode: 'inline', locale: 'en-US' } },
  );
  const pass = (kind: string) => (params: unknown) => window.toTest(kind, params);
  bridge.oncalltool = pass('call');
  bridge.onupdatemodelcontext = pass('context');
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- it returns the result of the message
  bridge.onmessage = pass('message');
  bridge.onopenlink = pass('link');
  bridge.onsizechange = ({ height }) => {
    if (height !== undefined) frame.style.height = `${height}px`;
  };
  const ready = new Promise<void>((resolve) => (bridge.onsandboxready = () => resolve()));
  const initialized = new Promise<void>((resolve) => (bridge.oninitialized = () => resolve()));
  const { contentWindow } = frame;
  if (!contentWindow) throw new Error('the frame has no window');
  await bridge.connect(new PostMessageTransport(contentWindow, contentWindow));
  frame.src = sandbox;
  await ready;
  await bridge.sendSandboxResourceReady({ html });
  await initialized;
  await bridge.sendToolInput({ arguments: input });
  await bridge.sendToolResult(result);
};

window.setTheme = (theme) => {
  document.documentElement.style.colorScheme = theme;
  void bridge.sendHostContextChange({ theme });
};

window.removePanel = () => {
  document.body.replaceChildren();
  document.documentElement.style.colorScheme = '';
};

window.closePanel = () => bridge.teardownResource({});
