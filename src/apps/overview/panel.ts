import {
  overviewTool,
  type DeckCounts,
  type LeftToday,
  type OverviewView,
} from '../../contract/panels/overview.ts';
import { connect, member, type Host, type ToolResult } from '../shared/bridge.ts';
import { button, h, root } from '../shared/dom.ts';
import { messageOf, Notice } from '../shared/notice.ts';
import { counted } from '../shared/counted.ts';
import { DeckTree } from './deck-tree.ts';
import { forecastChart } from './forecast.ts';
import { heatMap } from './heat-map.ts';
import { nextSteps, studyMessage, type Step } from './next-steps.ts';
import { retentionOf } from './retention.ts';
import { chart } from './chart.ts';

/** Returns true for a view. Our own server made it, so that only its kind is checked. */
const isView = (data: unknown): data is OverviewView =>
  Array.isArray(member(data, 'decks')) && member(data, 'answers') !== undefined;

/** The part of the view that is in the result of the tool `overview`. */
const isSummary = (data: unknown): data is { decks: readonly DeckCounts[]; today: OverviewView['today'] } =>
  Array.isArray(member(data, 'decks')) && member(data, 'today') !== undefined;

const section = (title: string, ...content: readonly HTMLElement[]): HTMLElement =>
  h('section', {}, h('h2', {}, title), ...content);

/** The overview panel. It shows the decks of the result at once, and then the numbers that only panels get. */
class OverviewPanel {
  readonly #host: Host;
  readonly #title = h('bdi', { dir: 'auto' }, 'Overview');
  readonly #today = h('p', { class: 'faint' });
  readonly #notice = new Notice();
  readonly #steps = h('div', { class: 'row steps' });
  readonly #more = h('p', { class: 'faint', hidden: true });
  readonly #charts = h('div', { class: 'charts' });
  readonly #refresh = button('Refresh', () => void this.#load(), { class: 'quiet refresh', hidden: true });
  readonly #tree: DeckTree;
  readonly #decks: HTMLElement;
  #deck: string | undefined;
  /** Messages since the numbers were read. Each is sent once. */
  readonly #sent = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
    this.#tree = new DeckTree(host.canMessage ? (deck) => void this.#send(studyMessage(deck)) : undefined);
    this.#decks = section('Decks', this.#tree.element, this.#more);
    this.#decks.hidden = true;
    root().append(
      h('header', {}, h('h1', {}, this.#title), this.#today),
      this.#notice.element,
      this.#steps,
      this.#decks,
      this.#charts,
      this.#refresh,
    );
  }

  start(): void {
    this.#host.listen({
      onResult: (result) => void this.#open(result),
      onCancelled: () => this.#notice.show('The call was cancelled.'),
    });
  }

  /** Shows the result of the tool `overview` or `insights`. */
  async #open({ isError, text, data }: ToolResult): Promise<void> {
    if (isError) return this.#notice.show(text);
    const result = member(data, 'result');
    const deck = member(result, 'deck');
    this.#deck = typeof deck === 'string' ? deck : undefined;
    if (isSummary(result)) this.#showDecks(result.decks, result.today);
    if (this.#host.canCall) await this.#load();
    else this.#notice.show('This app does not let panels read more. The numbers are in the chat.');
  }

  async #load(): Promise<void> {
    root().setAttribute('aria-busy', 'true');
    this.#refresh.disabled = true;
    if (this.#decks.hidden) this.#today.textContent = 'Reading the numbers…';
    try {
      const args = this.#deck === undefined ? {} : { deck: this.#deck };
      const { isError, text, data } = await this.#host.callTool(overviewTool, args);
      if (!isError && isView(data)) this.#show(data);
      else this.#notice.show(text || 'The server returned no numbers.');
    } catch (error) {
      this.#notice.show(`The call failed: ${messageOf(error)}`);
    } finally {
      root().removeAttribute('aria-busy');
      if (this.#decks.hidden) this.#today.textContent = '';
      this.#refresh.disabled = false;
      this.#refresh.hidden = false;
    }
  }

  #show(view: OverviewView): void {
    this.#sent.clear();
    this.#notice.show('');
    this.#title.textContent = view.deck ?? 'Overview';
    this.#showDecks(view.decks, view.today);
    this.#more.hidden = view.moreDecks === 0;
    this.#more.textContent = `${counted(view.moreDecks, 'more deck')} not shown.`;
    this.#steps.replaceChildren(...nextSteps(view).map((step, index) => this.#stepElement(step, index)));
    this.#charts.replaceChildren(
      section('Reviews', ...chart(heatMap(view.answers))),
      section('Forecast', ...chart(forecastChart(view.forecast))),
      section('Retention', ...retentionOf(view.retention)),
    );
  }

  #showDecks(decks: readonly DeckCounts[], today: OverviewView['today']): void {
    this.#today.textContent = `${counted(today.reviewed, 'card')} reviewed today. ${leftToday(today)}`;
    this.#decks.hidden = false;
    this.#tree.show(decks);
  }

  #stepElement({ label, deck, remark, message }: Step, index: number): HTMLElement {
    if (!this.#host.canMessage) return h('p', { class: 'faint', dir: 'auto' }, `Say: ${message}`);
    return h(
      'button',
      {
        type: 'button',
        class: index === 0 ? 'primary' : undefined,
        onclick: () => void this.#send(message),
      },
      label,
      // Its direction must not change that of the text around it.
      deck === undefined ? undefined : h('bdi', {}, deck),
      remark,
    );
  }

  /** Sends a message of the user, which starts an answer of the model. A second click must not start a second one. */
  async #send(message: string): Promise<void> {
    if (this.#sent.has(message)) return;
    this.#sent.add(message);
    try {
      await this.#host.sendMessage(message);
      this.#notice.show(`Sent to the chat: ${message}`);
    } catch (error) {
      this.#sent.delete(message);
      this.#notice.show(messageOf(error));
    }
  }
}

const leftToday = ({ new: unseen, learning, due }: LeftToday): string =>
  unseen + learning + due === 0
    ? 'Nothing is left to study.'
    : `Left: ${unseen} new, ${learning} learning, ${due} due.`;

void connect('overview').then((host) => new OverviewPanel(host).start());
