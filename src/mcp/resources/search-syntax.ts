import type { Resource } from './resource.ts';

export const searchSyntax: Resource = {
  uri: 'anki://search-syntax',
  name: 'search-syntax',
  title: 'Search syntax',
  description: "Anki's search language in one page.",
  mimeType: 'text/markdown',
  read: async () => ({ mimeType: 'text/markdown', text: page() }),
};

interface Section {
  readonly title: string;
  /** Applies to all searches of the section. */
  readonly rule?: string;
  /** Search → what it finds. */
  readonly searches: Readonly<Record<string, string>>;
}

const sections: readonly Section[] = [
  {
    title: 'Combining',
    rule: 'Case does not matter. A backslash before * _ " ( ) : - or \\ makes it a plain character. Quotes keep spaces and parentheses.',
    searches: {
      'dog cat': 'both, in any field, also within longer words',
      'dog or cat': 'either of them',
      '-dog': 'notes without it (NOT is an ordinary word)',
      'dog (cat or mouse)': 'parentheses group',
      '"a dog"': 'these characters in this order',
      d_g: '_ is any one character',
      'd*g': '* is any characters, or none',
      'w:dog': 'the whole word',
      'nc:uber': 'also über; only for text in any field',
      're:colou?r': 'a regular expression',
      '"re:(a|b) c"': 'with parentheses and spaces: the whole term in quotes',
    },
  },
  {
    title: 'Where',
    rule: 'A deck, tag, note type or field that does not exist gives no error and no results.',
    searches: {
      'deck:Spanish': 'in this deck or its child decks',
      'deck:"My deck"': 'names with spaces need quotes',
      'deck:Spanish -deck:Spanish::*': 'not in the child decks',
      'deck:current': 'in the deck selected in Anki',
      'deck:filtered': 'currently in a filtered deck',
      'note:Basic': 'of this note type',
      'card:1': 'of the first template',
      'card:"Card 1"': 'of the template of this name',
      'tag:verb': 'with this tag or one of its child tags, such as verb::irregular',
      'tag:none': 'without tags',
      'Front:dog': 'this field is exactly dog',
      'Front:*dog*': 'this field contains dog',
      'Front:': 'this field is empty',
      'Front:_*': 'this field is not empty',
      'Front:re:^\\d+$': 'a regular expression for this field',
      'nid:1500000000000,1500000000001': 'these notes; cid: cards, did: decks, mid: note types',
    },
  },
  {
    title: 'State',
    rule: 'Values after is: must be in lower case.',
    searches: {
      'is:new': 'never studied',
      'is:learn': 'being learned or relearned',
      'is:review': 'learned, also those forgotten since',
      'is:due': 'due for review',
      'is:suspended': 'suspended',
      'is:buried': 'buried until tomorrow',
      'flag:1': '1 red, 2 orange, 3 green, 4 blue, 5 pink, 6 turquoise, 7 purple, 0 none',
      'tag:leech': 'forgotten so often that Anki gave it this tag',
      'tag:marked': 'marked by the user',
    },
  },
  {
    title: 'Days',
    rule: '1 is today, 7 the last seven days.',
    searches: {
      'added:7': 'added',
      'edited:7': 'changed',
      'introduced:7': 'answered for the first time ever',
      'rated:7': 'answered at least once',
      'rated:7:1': 'answered with Again (2 Hard, 3 Good, 4 Easy)',
      'resched:7': 'rescheduled manually',
    },
  },
  {
    title: 'Numbers',
    rule: 'Operators: = != < > <= >=',
    searches: {
      'prop:ivl>=21': 'interval in days (mature cards)',
      'prop:due=1': 'due tomorrow',
      'prop:due<0': 'overdue',
      'prop:lapses>3': 'number of times forgotten',
      'prop:reps<5': 'number of answers',
      'prop:ease<2': 'ease, 2.5 for 250 %',
      'prop:pos<=100': 'position in the queue of new cards',
      'prop:rated=-1': 'answered yesterday',
      'prop:r<0.9': 'FSRS: probability of recall now',
      'prop:s<10': 'FSRS: stability in days',
      'prop:d>0.5': 'FSRS: difficulty, 0 to 1',
    },
  },
  {
    title: 'Examples',
    searches: {
      'deck:Spanish is:due -is:suspended': 'due in a deck',
      '(tag:leech or prop:lapses>=8) -is:suspended': 'cards that need repair',
      'added:30 tag:none': 'new notes that still need tags',
      'rated:1:1 prop:ivl<2': 'forgotten today',
    },
  },
];

export const page = (): string =>
  [
    '# Searching in Anki',
    'findNotes and searchNotes return notes, findCards returns cards; all take this language. A note is found if any of its cards matches. An empty search finds everything.',
    ...sections.flatMap(({ title, rule, searches }) => [
      `## ${title}`,
      ...(rule === undefined ? [] : [rule]),
      Object.entries(searches)
        .map(([search, found]) => `- \`${search}\` ${found}`)
        .join('\n'),
    ]),
  ].join('\n\n');
