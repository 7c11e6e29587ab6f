import type { Skill } from './skill.ts';

export const repairLeeches: Skill = {
  name: 'repair-leeches',
  title: 'Repair leeches',
  description:
    'How to find Anki cards that are forgotten again and again (leeches), why that happens, and how to repair them without losing their history.',
  body: () => `# Repair leeches

Anki tags a note with \`leech\` when one of its cards was forgotten as often as the deck options allow (8 times by default). The options also say whether the card is suspended then.

## Find

- insights lists leeches and weak cards, with reasons and the search that finds them.
- Searches: \`tag:leech\`, \`tag:leech is:suspended\`, \`prop:lapses>=6\`, \`rated:30:1\` (answered with Again in the last 30 days).
- viewCards shows a card as the learner sees it. searchNotes finds similar notes: confusion with them is a frequent cause.

## Causes and remedies

| cause | remedy |
|---|---|
| too much on one card, or a list | split it: one new note for each part |
| several right answers | add context to the question, or a hint to the cloze |
| confused with a similar card | a cue in both, or a card that asks for the difference |
| learned but not understood | an explanation, an example, a picture, and cards for the basics first |
| an arbitrary fact without connection | a mnemonic, an image, a relation to something known |
| wrong or out of date | correct it; ask the user if you are not sure |
| not worth knowing | suspend it; delete only if the user says so |

## Repair

1. Show the user before and after, and let the user choose.
2. Update the note with saveNotes and its id: its cards keep their history. Split-off parts become new notes.
3. Remove the tag \`leech\`, and unsuspend the repaired cards that Anki had suspended.
4. A card that was rewritten completely is new knowledge: offer to reset it (forgetCards). Otherwise keep its schedule.
5. Many leeches from one deck: too many new cards a day, or cards of one pattern that all need the same change.
`,
};
