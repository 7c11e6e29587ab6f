import type { CardView } from '../../contract/panels/card.ts';
import { member } from './bridge.ts';
import { h } from './dom.ts';

/** Smallest and largest height of a card in pixels. A larger card scrolls. */
const heights = { min: 48, max: 2000 };

/**
 * A card's own styles come after these and override them, except those marked as important. As in Anki, night mode
 * replaces the colours of most note types, which name them for .card alone.
 */
const style = `
html,body{height:auto!important;min-height:0!important}
body.card{margin:0;padding:16px;font:20px/1.4 system-ui,sans-serif;text-align:center;overflow-wrap:anywhere}
:where(body).card.nightMode{background:#2c2c2c;color:#fff}
img,svg,table{max-width:100%}img{height:auto}hr{margin:16px 0}
[data-href],summary{cursor:pointer}[data-href]{color:light-dark(#0645ad,#8ab4f8);text-decoration:underline}
:focus-visible{outline:3px solid light-dark(#1a5fb4,#8ab4f8);outline-offset:2px}
.hint summary{display:inline-block;padding:8px;min-height:28px}.missing-picture{font-style:italic}
math{font-family:"Cambria Math","STIX Two Math","Latin Modern Math","DejaVu Math TeX Gyre",math}
#image-occlusion-container{position:relative;display:inline-block}
#image-occlusion-container img{display:block}
#image-occlusion-canvas{position:absolute;inset:0;width:100%;height:100%}
.mask-active,.mask-inactive,.mask-shown{stroke:#212121;vector-effect:non-scaling-stroke}
.mask-active{fill:var(--active-shape-color,#ff8e8e)}.mask-inactive{fill:var(--inactive-shape-color,#ffeba2)}
.mask-shown{fill:none;stroke:var(--active-shape-color,#ff8e8e);stroke-width:2}
.mask-label{position:absolute;background:#ffffffcc;color:#000;padding:0 4px}`;

const policy = `default-src 'none'; script-src '${FRAME_HASH}'; style-src 'unsafe-inline'; img-src data:; media-src data:`;

/** Returns the document of a card. The policy comes before everything from the card. */
function documentOf({ html, number }: CardView, theme: 'light' | 'dark'): string {
  const night = theme === 'dark' ? ' nightMode night_mode' : '';
  return `<!doctype html><html lang="" class="${night && 'night-mode'}" style="color-scheme:${theme};background:${night ? '#2c2c2c' : '#fff'};color:${night ? '#fff' : '#000'}"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta charset="utf-8"><title>Card</title><style>${style}</style><script>${FRAME_SCRIPT}</script><body class="card card${number}${night}"><div id="qa" dir="auto">${html}</div>`;
}

export interface CardFrameListeners {
  readonly onLink: (url: string) => void;
  /** A key that was pressed while the card had the focus. */
  readonly onKey: (key: string) => void;
}

/** A frame that shows card HTML apart from the panel, which can call tools. */
export class CardFrame {
  readonly element = h('iframe', { class: 'card-frame', sandbox: 'allow-scripts', title: 'Card' });
  #shown = '';

  constructor({ onLink, onKey }: CardFrameListeners) {
    window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
      // Whatever comes from the frame may come from the card.
      if (source !== this.element.contentWindow || source === null) return;
      const [height, link, key] = ['height', 'link', 'key'].map((name) => member(data, name));
      if (typeof height === 'number' && Number.isFinite(height)) this.#resize(height);
      if (typeof link === 'string' && /^https?:\/\//i.test(link)) onLink(link);
      if (typeof key === 'string') onKey(key);
    });
  }

  /** Shows a side of a card. A side that is shown already stays as it is, with what the user opened in it. */
  show(card: CardView, title: string, theme: 'light' | 'dark'): void {
    const html = documentOf(card, theme);
    if (html === this.#shown) return;
    this.#shown = html;
    this.element.title = title;
    this.element.srcdoc = html;
  }

  #resize(height: number): void {
    this.element.style.height = `${Math.min(Math.max(Math.ceil(height), heights.min), heights.max)}px`;
  }
}
