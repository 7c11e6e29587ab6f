import { Parser } from 'htmlparser2';

/** Maximum depth of open elements. The parser takes time in proportion to it for each tag. */
const maxDepth = 200;

/** Elements whose content is text. They contain no elements, so they do not add to the depth. */
const rawText = new Set(['script', 'style', 'textarea', 'title']);

/** Parses HTML in linear time. As in browsers, elements below `maxDepth` have no children: what follows are siblings. */
export class HtmlParser extends Parser {
  #isFlat = false;

  /** True while the start tag of an element below `maxDepth` is reported. */
  get isFlat(): boolean {
    return this.#isFlat;
  }

  override onopentagname(start: number, end: number): void {
    this.#isFlat = this['stack'].length >= maxDepth;
    super.onopentagname(start, end);
  }

  override onclosetag(start: number, end: number): void {
    this.#isFlat = false;
    super.onclosetag(start, end);
  }

  override onend(): void {
    this.#isFlat = false;
    super.onend();
  }

  protected override isVoidElement(name: string): boolean {
    const keepsText = rawText.has(name) && this['stack'].length <= maxDepth;
    return super.isVoidElement(name) || (this.#isFlat && !keepsText);
  }
}
