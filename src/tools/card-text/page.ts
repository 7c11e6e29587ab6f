import { isTag, isText, type ChildNode, type Element } from 'domhandler';
import { choiceOf, inputText } from './controls.ts';
import { nextMarker, openList, type OpenList } from './list-marker.ts';
import { mediaName, type MediaLabel } from './media-name.ts';
import { displayOfName, type ShownStyle, type Styles } from './shown.ts';
import { TextLines } from './text-lines.ts';
import { textOf } from './tree.ts';

/** How to read a page. With `answerOnly`, it starts after the line that most templates draw before the answer. */
interface Reading {
  readonly label: MediaLabel;
  readonly answerOnly?: boolean;
}

/** Returns the visible text of a page. */
export function readPage(nodes: readonly ChildNode[], styles: Styles, reading: Reading): string {
  const page = new Page(styles, reading);
  page.read(nodes, { shown: 'all', display: 'block', whiteSpace: 'collapsed', listType: '' });
  // Without that line, the complete page is the answer.
  return page.isBeforeAnswer ? readPage(nodes, styles, { ...reading, answerOnly: false }) : page.text;
}

/** Elements without content for a person, whether they are visible or not. */
const furniture = new Set(
  'script style head title base link meta param source track rp area basefont noembed noframes col colgroup'.split(
    ' ',
  ),
);

/** Returns true for a picture that Anki made from LaTeX. Its alt text is the formula. */
const isFormula = ({ class: classes = '', alt = '', src = '' }: Element['attribs']): boolean =>
  /\blatex\b/.test(classes) && alt !== '' && src.startsWith('latex-');

const breaksLine = (display: string): boolean =>
  /^(?:block|flow-root|list-item|flex|grid|box|table|table-row|table-caption)\b/.test(display);

/** Names of what is shown in place of the content of an element. */
const named: Readonly<Record<string, string>> = {
  svg: '[image: drawn in the card]',
  iframe: '[frame]',
  frame: '[frame]',
  object: '[object]',
  embed: '[object]',
};

/** Elements whose content is only shown by programs that do not know the element. */
const withFallback = new Set([...Object.keys(named), 'audio', 'video', 'canvas', 'progress', 'meter']);

class Page {
  readonly #styles: Styles;
  #lines = new TextLines();
  readonly #label: MediaLabel;
  /** True until the line before the answer. */
  #isBeforeAnswer: boolean;
  /** True if the latest content was hidden. */
  #isHidden = false;
  readonly #lists: OpenList[] = [];
  /** Number of cells so far in each open table row. */
  readonly #cellCounts: number[] = [];

  constructor(styles: Styles, { label, answerOnly = false }: Reading) {
    this.#styles = styles;
    this.#label = label;
    this.#isBeforeAnswer = answerOnly;
  }

  get isBeforeAnswer(): boolean {
    return this.#isBeforeAnswer;
  }

  get text(): string {
    return this.#lines.toString();
  }

  read(nodes: readonly ChildNode[], style: ShownStyle): void {
    for (const node of nodes) {
      if (isText(node)) this.#readText(node.data, style);
      else if (isTag(node)) this.#readElement(node);
    }
  }

  #readElement(element: Element): void {
    const { name, attribs } = element;
    if (this.#isBeforeAnswer && name === 'hr' && attribs['id'] === 'answer') this.#startAnswer();
    const style = this.#styles.of(element);
    if (furniture.has(name) && style.display === 'none') return;
    if (style.shown === 'nothing') {
      this.#hide(element);
      return;
    }
    const isLine = breaksLine(style.display);
    const isRow = style.display === 'table-row';
    const isCell = style.display === 'table-cell';
    if (isLine) this.#endLine();
    if (isRow) this.#cellCounts.push(0);
    if (isCell) this.#startCell();
    this.#readContent(element, style);
    if (isRow) this.#cellCounts.pop();
    if (isLine) this.#endLine();
  }

  #readContent(element: Element, style: ShownStyle): void {
    const { name, attribs } = element;
    if (name === 'br') this.#break();
    else if (name === 'img') this.#readPicture(element, style);
    else if (name === 'audio' || name === 'video' || name === 'source') this.#readMedia(element);
    else if (withFallback.has(name)) this.#say(named[name] ?? '', style.shown !== 'descendants');
    else if (name === 'input') this.#sayControl(inputText(attribs), style);
    else if (name === 'select') this.#sayControl(choiceOf(element), style);
    else if (name === 'textarea') this.#sayControl(textOf(element) || (attribs['placeholder'] ?? ''), style);
    else if (name === 'details' && attribs['open'] === undefined) this.#readFolded(element, style);
    else this.#readOpen(element, style);
  }

  #readOpen(element: Element, style: ShownStyle): void {
    const { name } = element;
    const isVisible = style.shown === 'all';
    const isList = name === 'ul' || name === 'ol';
    if (isList) this.#lists.push(openList(element, style.listType));
    const around = isVisible ? decoration(name) : undefined;
    if (style.display === 'list-item' && name === 'li')
      this.#lines.bullet(this.#lists.length, nextMarker(this.#lists.at(-1), element));
    if (around) this.#lines.append(around[0]);
    this.#readGenerated(element, 'before');
    this.read(element.children, style);
    this.#readGenerated(element, 'after');
    if (around) this.#lines.append(around[1]);
    if (isList) this.#lists.pop();
  }

  #readGenerated(element: Element, position: 'before' | 'after'): void {
    const generated = this.#styles.generated(element, position);
    if (!generated || generated.style.shown === 'nothing') return;
    const isLine = breaksLine(generated.style.display);
    if (isLine) this.#endLine();
    this.#readText(generated.text, generated.style);
    if (isLine) this.#endLine();
  }

  /** Reads a closed details element, of which only the summary is visible. */
  #readFolded(element: Element, style: ShownStyle): void {
    const summary = element.children.find((child) => isTag(child) && child.name === 'summary');
    if (summary && isTag(summary)) this.#readElement(summary);
    else this.#say('Details', style.shown === 'all');
    this.#endLine();
    if (element.children.some((child) => child !== summary && hasContent(child))) this.#markHidden();
  }

  #readText(data: string, style: ShownStyle): void {
    if (style.shown !== 'all') {
      if (data.trim() !== '') this.#markHidden();
      return;
    }
    const text = data.replaceAll('\u00a0', ' ');
    if (text.trim() !== '') this.#isHidden = false;
    if (style.whiteSpace !== 'collapsed' && !this.#inCell) {
      for (const [index, line] of text.split('\n').entries()) {
        if (index > 0) this.#lines.break();
        if (style.whiteSpace === 'all') this.#lines.append(line);
        else this.#appendCollapsed(line);
      }
    } else this.#appendCollapsed(text);
  }

  #appendCollapsed(text: string): void {
    const collapsed = text.replace(/\s+/g, ' ');
    this.#lines.append(this.#lines.endsWithSpace ? collapsed.trimStart() : collapsed);
  }

  #readPicture({ attribs }: Element, { shown }: ShownStyle): void {
    const isVisible = shown !== 'descendants';
    const name = mediaName(attribs['src'] ?? '');
    if (isFormula(attribs)) this.#say(`[latex: ${attribs['alt']}]`, isVisible);
    else if (name === '') this.#say('[image: without a name]', isVisible);
    else if (isVisible) this.#sayMedia('image', name);
    else this.#markHidden();
  }

  #readMedia({ name, attribs, children }: Element): void {
    const sources = children.flatMap((child) =>
      isTag(child) && child.name === 'source' ? child.attribs['src'] : [],
    );
    const source = attribs['src'] ?? sources.find((each) => each !== undefined) ?? '';
    if (source !== '') this.#sayMedia(name === 'video' ? 'video' : 'sound', mediaName(source));
  }

  /** Names a file. Does not request a label for what precedes the answer. */
  #sayMedia(...media: Parameters<MediaLabel>): void {
    if (!this.#isBeforeAnswer) this.#say(this.#label(...media), true);
  }

  /** Shows the text of a form control. */
  #sayControl(text: string, { shown }: ShownStyle): void {
    this.#say(text.replace(/\s+/g, ' ').trim(), shown === 'all');
  }

  #say(text: string, isVisible: boolean): void {
    if (text === '') return;
    if (isVisible) {
      this.#isHidden = false;
      this.#lines.append(text);
    } else this.#markHidden();
  }

  /** Marks an element that is not shown, if it contains anything. */
  #hide(element: Element): void {
    if (this.#isHidden || !hasContent(element)) return;
    const isLine = breaksLine(displayOfName(element.name));
    if (isLine) this.#endLine();
    this.#markHidden();
    if (isLine) this.#endLine();
  }

  /** Says that there is something hidden, once until something visible follows. */
  #markHidden(): void {
    if (!this.#isHidden) this.#lines.append('[hidden]');
    this.#isHidden = true;
  }

  #startAnswer(): void {
    this.#isBeforeAnswer = false;
    this.#isHidden = false;
    this.#lines = new TextLines();
  }

  get #inCell(): boolean {
    return (this.#cellCounts.at(-1) ?? 0) > 0;
  }

  #startCell(): void {
    const cells = this.#cellCounts.pop() ?? 0;
    if (cells > 0) {
      this.#lines.trimEnd();
      this.#lines.append(' | ');
    }
    this.#cellCounts.push(cells + 1);
  }

  /** Ends the line, except within a table row and directly after a bullet. */
  #endLine(): void {
    if (!this.#lines.isStart) this.#break();
  }

  #break(): void {
    if (this.#inCell) {
      if (!this.#lines.endsWithSpace) this.#lines.append(' ');
      return;
    }
    this.#lines.break();
  }
}

/** Returns what is written around the content of an element, to keep its meaning. */
function decoration(name: string): readonly [before: string, after: string] | undefined {
  switch (name) {
    case 'sup':
      return ['^', ''];
    case 'sub':
      return ['_', ''];
    case 'rt':
      return ['(', ')'];
    case 'button':
      return ['[button: ', ']'];
  }
  return undefined;
}

/** Returns true if a node contains something that a person could see. */
function hasContent(node: ChildNode): boolean {
  if (isText(node)) return node.data.trim() !== '';
  if (!isTag(node) || furniture.has(node.name)) return false;
  if (node.name === 'img' || node.name === 'svg') return true;
  if (node.name === 'input') return inputText(node.attribs) !== '';
  return node.children.some(hasContent);
}
