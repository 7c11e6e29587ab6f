import { page } from '../resources/search-syntax.ts';
import type { Skill } from './skill.ts';

export const searchSyntax: Skill = {
  name: 'search-syntax',
  title: 'Search syntax',
  description:
    "Anki's search language in one page: decks, tags, fields, states, days, numbers. Use it before you write a query for searchNotes, findCards or findNotes.",
  body: page,
};
