import { z } from 'zod';
import {
  int64,
  ints64,
  int,
  text,
  bytes,
  flag,
  empty,
  json,
  value,
  opChanges,
  changed,
  created,
} from './messages.ts';

const did = z.object({ did: int64 });
const dcid = z.object({ dcid: int64 });
const deckMessage = z.object({ id: int64, name: text });
const deckNames = z.object({ entries: z.array(deckMessage) });
const deckCounts = z.object({
  deckId: int64,
  name: text,
  newCount: int,
  learnCount: int,
  reviewCount: int,
  totalInDeck: int,
  totalIncludingChildren: int,
  filtered: flag,
});
const deckTree = deckCounts.extend({
  get children() {
    return z.array(deckTree);
  },
});

/** Methods for decks and their options groups. */
export const deckMethods = {
  new_deck: [empty, deckMessage],
  add_deck: [deckMessage, created],
  add_or_update_deck_legacy: [z.object({ deck: bytes, preserveUsnAndMtime: flag }), did],
  deck_tree: [z.object({ now: int64 }), deckTree],
  get_deck_id_by_name: [value, did],
  get_deck: [did, deckMessage],
  get_deck_legacy: [did, json],
  get_deck_names: [z.object({ skipEmptyDefault: flag, includeFiltered: flag }), deckNames],
  get_deck_and_child_names: [did, deckNames],
  rename_deck: [z.object({ deckId: int64, newName: text }), opChanges],
  remove_decks: [z.object({ dids: ints64 }), changed],
  set_current_deck: [did, opChanges],
  get_current_deck: [empty, deckMessage],
  add_or_update_deck_config_legacy: [json, dcid],
  all_deck_config_legacy: [empty, json],
  get_deck_config_legacy: [dcid, json],
  remove_deck_config: [dcid, empty],
} as const;
