import { collectionNames } from '../completion.ts';
import { lines, type Prompt } from './prompt.ts';

export const tidyTags: Prompt = {
  name: 'tidyTags',
  title: 'Tidy tags',
  description: 'Finds duplicate, misspelt and unused tags, proposes changes, and applies those you accept.',
  arguments: {
    tag: { description: 'Only this tag and its child tags', names: collectionNames.tags },
  },
  requiredTools: ['replaceTags', 'clearUnusedTags'],
  text: ({ tag }) =>
    lines(
      tag === undefined
        ? 'Help me to tidy the tags of my Anki collection.'
        : `Help me to tidy the tag "${tag}" of my Anki collection and its child tags.`,
      '',
      'Steps',
      '1. getTags lists them. Count the notes of doubtful ones with findNotes (tag:name finds child tags too). insights lists unused ones.',
      '2. Look for: spellings that differ in capitals, hyphens, plural or typing errors; two words for one thing; tags with one or two notes; tags that only repeat the deck; related tags that could share a parent tag (grammar::verbs).',
      '3. Do not change leech and marked, which Anki itself sets. If the meaning of a tag is unclear, ask me.',
      '4. Show a table of old tag, new tag, notes and reason, most certain first, and ask which rows to apply.',
      '5. Apply those: replaceTags on the notes of each old tag. Child tags are not renamed with it: each is a separate row. A tag cannot contain spaces.',
      '6. At the end call clearUnusedTags, and report the changes. guiUndo undoes the last step.',
    ),
};
