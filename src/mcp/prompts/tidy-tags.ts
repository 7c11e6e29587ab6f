import { names } from './completion.ts';
import { lines, type Prompt } from './prompt.ts';

export const tidyTags: Prompt = {
  name: 'tidyTags',
  title: 'Tidy tags',
  description: 'Finds doubled, misspelt and unused tags, proposes an order, and carries out what you like.',
  arguments: {
    tag: { description: 'Only this tag and those below it', names: names.tags },
  },
  needs: ['replaceTags', 'clearUnusedTags'],
  text: ({ tag }) =>
    lines(
      tag === undefined
        ? 'Help me to tidy the tags of my Anki collection.'
        : `Help me to tidy the tag "${tag}" of my Anki collection and the tags below it.`,
      '',
      'Steps',
      '1. getTags lists them. Count the notes of the suspicious ones by findNotes (tag:name finds the child tags too). insights tells the unused ones.',
      '2. Look for: spellings that differ in capitals, hyphens, plural or typing errors; two words for one thing; tags with a note or two; tags that only repeat the deck; families that :: would hold together (grammar::verbs).',
      '3. Leave alone leech and marked, which Anki itself sets, and what I do not understand myself: ask.',
      '4. Show a table of old tag, new tag, notes and reason, the surest first, and ask which lines to carry out.',
      '5. Carry out those: replaceTags on the notes of each old tag. Child tags do not move along: each is a line of its own. A tag holds no spaces.',
      '6. At the end clearUnusedTags, and tell what was changed. guiUndo takes the last step back.',
    ),
};
