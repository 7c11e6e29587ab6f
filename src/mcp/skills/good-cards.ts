import type { Skill } from './skill.ts';

/** What makes a card good. */
export const rules: readonly string[] = [
  '- One fact per card. An answer that needs "and" becomes two cards.',
  '- No lists to recall. Ask for one item by its position or role, or hide one at a time.',
  '- The question has exactly one right answer, and cannot be guessed, as a yes/no question can.',
  '- It names its subject, so that it is clear in a year among other decks: "SQL: …", "Krebs cycle: …".',
  '- It does not reveal the answer by its length or wording.',
  '- Short answers: a word, a number, a phrase. Reasons, examples and the source go into another field.',
  '- Basics before details. If two things are easily confused, ask for the difference.',
  '- Cloze for definitions, formulas and sentences: hide the important word, use c1, c2… for separate questions, and a hint if several words would fit.',
  '- Both directions only if both are needed, as for vocabulary.',
  '- A simple example or a picture helps more than a longer definition. Facts that may change include their date.',
  '- Write math as \\( … \\).',
];

export const goodCards: Skill = {
  name: 'good-cards',
  title: 'Good cards',
  description:
    'How to write Anki cards that are easy to answer and to remember. Use it before you create or rewrite notes, from a text, a list or a conversation.',
  body: () => `# Good cards

## Rules

${rules.join('\n')}

## Examples

| instead of | write |
|---|---|
| Q: What are the properties of a list in Python? | Python list: can it be changed after its creation? A: yes (mutable) |
| Q: When did the war start and end? | two cards, one for each year |
| Q: Is the mitochondrion the place of the Krebs cycle? | Krebs cycle: in which part of the cell? A: mitochondrion (matrix) |
| {{c1::Paris}} is the {{c1::capital}} of {{c1::France}} | {{c1::Paris}} is the capital of {{c2::France}} |
| {{c1::It}} is used for … | {{c1::Insulin::hormone}} lowers the glucose level in the blood |

## Math in clozes

- \`\\( … \\)\` in a line, \`\\[ … \\]\` on its own line. saveNotes also accepts \`$…$\`.
- \`}}\` ends a cloze. Put a space between two closing braces of a formula: \`{{c1::\\(\\frac{a}{b} \\)}}\`.
- Hide one step or one term, not the whole formula.

## Steps

1. overview: decks and note types. Read some notes of the deck with searchNotes, and follow their style.
2. Choose what is worth knowing for years. Few good cards are better than many. Add no facts that the source does not have.
3. saveNotes with dryRun: it finds empty fields, duplicates and clozes without a deletion.
4. Show the drafts to the user, then save the chosen ones. saveNotes reports each note; no further call is needed to check.
`,
};
