import type { Host } from './bridge.ts';
import { root } from './dom.ts';
import { messageOf, type Notice } from './notice.ts';

interface Parts<Request, View> {
  readonly host: Host;
  /** Name of the tool, which returns a view. */
  readonly tool: string;
  readonly isView: (data: unknown) => data is View;
  readonly show: (view: View) => void;
  /** Returns the request for the present view, for use after this request failed. */
  readonly showAgain: (failed: Request) => object;
  readonly notice: Notice;
}

/** The calls of a panel whose state is on the server. Shows each view that the server returns. */
export class ViewCalls<Request extends { readonly action: string }, View> {
  readonly #parts: Parts<Request, View>;
  #isBusy = false;

  constructor(parts: Parts<Request, View>) {
    this.#parts = parts;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  async send(request: Request): Promise<void> {
    const { notice } = this.#parts;
    this.#isBusy = true;
    root().setAttribute('aria-busy', 'true');
    try {
      const error = await this.#call(request);
      if (error === undefined) return;
      // The action may have been carried out.
      if (request.action !== 'show') await this.#call(this.#parts.showAgain(request));
      notice.show(error || 'The server returned no view.');
    } catch (error) {
      notice.show(`The call failed: ${messageOf(error)}`);
    } finally {
      this.#isBusy = false;
      root().removeAttribute('aria-busy');
    }
  }

  /** Shows the view that the tool returns. Returns the text of the result if it has no view. */
  async #call(request: object): Promise<string | undefined> {
    const { host, tool, isView, show } = this.#parts;
    const { isError, data, text } = await host.callTool(tool, request);
    if (isError || !isView(data)) return text;
    show(data);
    return undefined;
  }
}
