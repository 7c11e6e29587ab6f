import { mathParts } from './math.ts';
import { TextRefused } from './text-refused.ts';

/** LaTeX commands that lose their backslash if JSON text has one backslash where it needs two. */
const commands = new Set(
  (
    'backslash backsim bar because begin beta beth between bf big bigcap bigcup bigg biggl biggr bigl bigoplus bigotimes bigr bigsqcup bigvee bigwedge binom blacksquare bm bmod boldsymbol bot bowtie boxed bra breve bullet ' +
    'varepsilon varkappa varnothing varphi varpi varpropto varrho varsigma vartheta vartriangle vdash vdots vec vee veebar vert vline vmatrix vphantom vspace ' +
    'fallingdotseq fbox flat footnotesize forall frac frown ' +
    'tag tan tanh tau tbinom text textbf textcolor textit textnormal textrm textsf textstyle texttt tfrac therefore theta thickapprox thicksim thinspace tilde times tiny to top triangle triangledown triangleleft triangleq triangleright tt twoheadrightarrow ' +
    'nabla natural ncong ne nearrow neg neq newcommand newline nexists ngeq ngtr ni nleftarrow nleq nless nmid nobreak nolimits nonumber norm normalsize not notag notin nparallel nprec nrightarrow nsim nsubseteq nsucc nu nwarrow ' +
    'raise rangle rbrace rbrack rceil rfloor rgroup rho right rightarrow rightharpoonup rightleftarrows rightleftharpoons risingdotseq rm rmoustache root rtimes rule rvert'
  ).split(' '),
);

/** Commands whose rest may be variables or a word at the start of a line. */
const ambiguous = new Set('ne ni not norm nless nmid nsim nu rm tag tan to top tt'.split(' '));

/** Commands whose rest is no word, so that they are recognized outside math, too. */
const distinct = new Set(
  'frac neq nabla notin nonumber rho rightarrow text textbf textit textrm theta therefore times'.split(' '),
);

const letters: Readonly<Record<string, string>> = {
  '\b': 'b',
  '\v': 'v',
  '\f': 'f',
  '\t': 't',
  '\n': 'n',
  '\r': 'r',
};
const named: Readonly<Record<string, string>> = { '\b': 'U+0008', '\v': 'U+000B', '\f': 'U+000C' };

const candidates = /[\b\v\f]([A-Za-z]*)|[\t\n\r]([A-Za-z]+)/g;

const withBackslash = (control: string, rest: string): string => `\\${letters[control] ?? ''}${rest}`;

/** A control character that may have been a backslash with a letter, at its position in the restored text. */
interface Candidate {
  readonly at: number;
  readonly control: string;
  readonly rest: string;
  readonly startsLine: boolean;
}

/** Returns the text with each candidate restored. */
function restoreAll(text: string): { readonly restored: string; readonly found: readonly Candidate[] } {
  const found: Candidate[] = [];
  let shift = 0;
  const restored = text.replace(candidates, (match, one: string = '', other: string = '', offset: number) => {
    const control = match.charAt(0);
    const rest = one + other;
    const command = `${letters[control] ?? ''}${rest}`;
    if (named[control] === undefined && !commands.has(command)) return match;
    const startsLine = offset === 0 || /[\n\r]/.test(text.charAt(offset - 1));
    found.push({ at: offset + shift, control, rest, startsLine });
    shift++;
    return `\\${command}`;
  });
  return { restored, found };
}

/**
 * Restores LaTeX commands whose backslash JSON has read as part of an escape: "\frac" becomes a form feed and "rac".
 * Warns about each, and about those that it leaves because they may be meant. Throws TextRefused for other characters
 * that Anki would drop.
 */
export function restoreLatex(text: string): { readonly text: string; readonly warnings: readonly string[] } {
  if (!/[\b\v\f\t\n\r]/.test(text)) return { text, warnings: [] };
  const { restored, found } = restoreAll(text);
  if (found.length === 0) return { text, warnings: [] };
  const parts = mathParts(restored);
  let part = parts.next();
  let result = '';
  let cursor = 0;
  const done = new Set<string>();
  const doubtful = new Set<string>();
  for (const { at, control, rest, startsLine } of found) {
    while (!part.done && part.value.end <= at) part = parts.next();
    const inMath = !part.done && part.value.start <= at;
    const command = withBackslash(control, rest);
    const isDropped = named[control] !== undefined;
    const isKnown = commands.has(command.slice(1));
    if (isDropped && !isKnown && !(inMath && rest !== '')) throw new TextRefused(refusal(control, rest));
    // Math within a line has no line breaks of its own.
    const isInline = !part.done && /^(?:\$|\\\()$/.test(part.value.opening);
    const isDoubtful = ambiguous.has(command.slice(1)) && !isInline && (control !== '\t' || startsLine);
    if (isDropped || (inMath && !isDoubtful)) {
      done.add(command);
      continue;
    }
    result += restored.slice(cursor, at) + control;
    cursor = at + 2;
    if (inMath || distinct.has(command.slice(1))) doubtful.add(command);
  }
  const list = (names: ReadonlySet<string>) => [...names].slice(0, 5).join(', ');
  return {
    text: result + restored.slice(cursor),
    warnings: [
      ...(done.size > 0
        ? [`${list(done)} had lost the backslash and was restored: JSON needs two, as in "\\${[...done][0]}"`]
        : []),
      ...(doubtful.size > 0
        ? [`a control character may have been ${list(doubtful)}: JSON needs two backslashes`]
        : []),
    ],
  };
}

function refusal(control: string, rest: string): string {
  const name = named[control] ?? '';
  const right = withBackslash(control, rest.slice(0, 20));
  return `it contains ${name}, which Anki drops. If ${right} was meant, JSON needs two backslashes: "\\${right}". Otherwise remove the character.`;
}
