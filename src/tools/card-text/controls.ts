import { isTag, type Element } from 'domhandler';
import { textOf } from './tree.ts';

/** Types of input elements that show no text. */
const withoutText = new Set('hidden password file range color checkbox radio image'.split(' '));

/** Types of input elements that are buttons, and the text of one without a value. */
const buttons: Readonly<Record<string, string>> = { button: '', submit: 'Submit', reset: 'Reset' };

/** Returns the text that an input element shows. */
export function inputText({ type = 'text', value, placeholder }: Element['attribs']): string {
  const kind = type.toLowerCase();
  if (withoutText.has(kind)) return '';
  const label = buttons[kind];
  return label === undefined ? value || (placeholder ?? '') : `[button: ${value ?? label}]`;
}

/** Returns the text that a select element shows: the selected options, and all others only in a list. */
export function choiceOf(select: Element): string {
  const options = optionsIn(select);
  const { multiple, size = '' } = select.attribs;
  const selected =
    multiple !== undefined || Number(size) > 1
      ? options
      : [options.findLast(({ attribs }) => attribs['selected'] !== undefined) ?? options[0]];
  return selected
    .flatMap((option) => (option ? (option.attribs['label'] ?? textOf(option)).trim() : []))
    .join(', ');
}

const optionsIn = ({ children }: Element): Element[] =>
  children.flatMap((child) => (isTag(child) ? (child.name === 'option' ? child : optionsIn(child)) : []));
