import { Parser } from 'htmlparser2';

const blocks = new Set([
  'p',
  'div',
  'li',
  'tr',
  'ul',
  'ol',
  'table',
  'blockquote',
  'pre',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
]);
const hidden = new Set(['style', 'script', 'head', 'title']);

/** Card or field HTML as text that a model reads: math, lists and cloze blanks stay, pictures and sounds are named. */
export function toText(html: string): string {
  let text = '';
  let skipping = 0;
  const lists: ('ul' | 'ol')[] = [];
  const newLine = () => {
    if (text !== '' && !text.endsWith('\n')) text += '\n';
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      if (hidden.has(name)) skipping++;
      if (skipping > 0) return;
      if (blocks.has(name)) newLine();
      if (name === 'br') text += '\n';
      if (name === 'img') text += `[image: ${attributes['src'] ?? attributes['alt'] ?? 'without a name'}]`;
      if (name === 'ul' || name === 'ol') lists.push(name);
      if (name === 'li') text += `${'  '.repeat(Math.max(0, lists.length - 1))}- `;
      if (name === 'td' || name === 'th') text += text.endsWith('\n') || text === '' ? '' : ' | ';
    },
    ontext(data) {
      if (skipping === 0)
        text += data
          .replace(/[\s\u00a0]+/g, ' ')
          .replace(/^ /, text === '' || text.endsWith('\n') ? '' : ' ');
    },
    onclosetag(name) {
      if (hidden.has(name)) skipping--;
      if (name === 'ul' || name === 'ol') lists.pop();
      if (skipping === 0 && blocks.has(name)) newLine();
    },
  });
  parser.end(html);
  return text
    .replace(/\[anki:play:[^\]]*\]/g, '[sound]')
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
