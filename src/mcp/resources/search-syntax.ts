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
  /** What holds for all of it. */
  readonly rule?: string;
  /** Each search and what it finds. */
  readonly searches: Readonly<Record<string, string>>;
}

const sections: readonly Section[] = [
  {
    title: 'Combining',
    rule: 'Capitals do not count. A backslash makes * _ " ( ) : - and itself plain characters. Quotes take in spaces and brackets.',
    searches: {
      'dog cat': 'both, in any field, as parts of longer words too',
      'dog or cat': 'either of them',
      '-dog': 'all without it (NOT is a word like any other)',
      'dog (cat or mouse)': 'brackets group',
      '"a dog"': 'these characters in this order',
      d_g: 'any one character in the place of _',
      'd*g': 'any characters, or none, in the place of *',
      'w:dog': 'the whole word',
      'nc:uber': 'über too; for text in any field only',
      're:colou?r': 'a regular expression',
      '"re:(a|b) c"': 'one with brackets and spaces: the whole term in quotes',
    },
  },
  {
    title: 'Where',
    rule: 'A deck, tag, note type or field that does not exist is no error: nothing is found.',
    searches: {
      'deck:Spanish': 'in this deck or its child decks',
      'deck:"My deck"': 'quotes for names with spaces',
      'deck:Spanish -deck:Spanish::*': 'not in the child decks',
      'deck:current': 'in the deck that is chosen in Anki',
      'deck:filtered': 'in a filtered deck for now',
      'note:Basic': 'of this note type',
      'card:1': 'of the first template',
      'card:"Card 1"': 'of the template of this name',
      'tag:verb': 'with this tag or one of its child tags, as verb::irregular',
      'tag:none': 'without tags',
      'Front:dog': 'this field is exactly dog',
      'Front:*dog*': 'this field holds dog',
      'Front:': 'this field is empty',
      'Front:_*': 'this field is not empty',
      'Front:re:^\\d+$': 'a regular expression for this field',
      'nid:1500000000000,1500000000001': 'these notes; cid: cards, did: decks, mid: note types',
    },
  },
  {
    title: 'State',
    rule: 'Words after is: are in small letters.',
    searches: {
      'is:new': 'never studied',
      'is:learn': 'being learned or relearned',
      'is:review': 'learned, forgotten ones too',
      'is:due': 'to be reviewed by now',
      'is:suspended': 'out of study',
      'is:buried': 'put off until tomorrow',
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
      'rated:7': 'answered, once or more',
      'rated:7:1': 'answered with Again (2 Hard, 3 Good, 4 Easy)',
      'resched:7': 'rescheduled by hand',
    },
  },
  {
    title: 'Numbers',
    rule: 'Each takes = != < > <= >=',
    searches: {
      'prop:ivl>=21': 'interval in days (mature cards)',
      'prop:due=1': 'due tomorrow',
      'prop:due<0': 'overdue',
      'prop:lapses>3': 'how often it was forgotten',
      'prop:reps<5': 'how often it was answered',
      'prop:ease<2': 'ease, 2.5 for 250 %',
      'prop:pos<=100': 'place in the queue of new cards',
      'prop:rated=-1': 'answered yesterday',
      'prop:r<0.9': 'FSRS: probability of recall now',
      'prop:s<10': 'FSRS: stability in days',
      'prop:d>0.5': 'FSRS: difficulty, 0 to 1',
    },
  },
  {
    title: 'Together',
    searches: {
      'deck:Spanish is:due -is:suspended': 'what is to do in a deck',
      '(tag:leech or prop:lapses>=8) -is:suspended': 'cards that want repair',
      'added:30 tag:none': 'new notes that still want tags',
      'rated:1:1 prop:ivl<2': 'forgotten today',
    },
  },
];

const page = (): string =>
  [
    '# Searching in Anki',
    'findNotes and searchNotes give notes, findCards cards; all take this language. A note is found by any of its cards. An empty search finds everything.',
    ...sections.flatMap(({ title, rule, searches }) => [
      `## ${title}`,
      ...(rule === undefined ? [] : [rule]),
      Object.entries(searches)
        .map(([search, found]) => `- \`${search}\` ${found}`)
        .join('\n'),
    ]),
  ].join('\n\n');
