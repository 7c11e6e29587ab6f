// Draws a conversation as SVG, without anything that differs between two runs.

const width = 860;
const lineHeight = 22;
const columns = 92;
const colours = { You: '#7aa2f7', Assistant: '#c0caf5', 'Anki asks': '#e0af68', tool: '#737aa2' };

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Breaks a text between words. @param {string} text @returns {string[]} */
function wrapped(text) {
  const rows = [''];
  for (const word of text.split(' ')) {
    const row = `${rows.at(-1)}${rows.at(-1) === '' ? '' : ' '}${word}`;
    if (row.length <= columns) rows[rows.length - 1] = row;
    else rows.push(word);
  }
  return rows;
}

/** @param {readonly import('./conversation.js').Line[]} lines */
export function draw(lines) {
  const rows = lines.flatMap(({ who, text }) => {
    const label = who === 'tool' ? '  → ' : `${who}: `;
    return wrapped(`${label}${text}`).map((row, index) => ({
      text: index === 0 ? row : `      ${row}`,
      colour: colours[who],
    }));
  });
  const height = (rows.length + 2) * lineHeight;
  const texts = rows.map(
    ({ text, colour }, index) =>
      `<text x="24" y="${(index + 2) * lineHeight}" fill="${colour}" xml:space="preserve">${escaped(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" role="img" aria-label="A conversation with Anki">
<rect width="100%" height="100%" rx="12" fill="#1a1b26"/>
${texts.join('\n')}
</svg>
`;
}
