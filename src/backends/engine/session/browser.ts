import { isObject, type Json, parseJson } from '../../../lib/json.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from './collection.ts';
import { isNotFound } from '../process/engine-error.ts';
import { str } from './python.ts';
import { search } from './search.ts';

/** Returns a value of the collection's configuration; null if it is missing. */
async function config(collection: Collection, key: string): Promise<Json> {
  try {
    const { json } = await collection.call('get_config_json', { val: key });
    return parseJson(Buffer.from(json).toString());
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

/** Visible columns if the configuration names none. */
const defaultColumns: readonly Json[] = ['noteFld', 'template', 'cardDue', 'deck'];

/** The engine's number for a column whose default order is descending. */
const descendingFirst = 2;

/** Returns true for a column that the desktop first sorts in descending order, whatever order was requested. */
async function startsDescending(collection: Collection, column: string): Promise<boolean> {
  const { columns } = await collection.call('all_browser_columns', {});
  return columns.some(({ key, sortingCards }) => key === column && sortingCards === descendingFirst);
}

/** The card browser: a sorted list of cards, one of which may be selected. */
export class Browser {
  /** Undefined while the browser is closed. */
  #items: number[] | undefined;
  #selected: number | undefined;
  #query = 'deck:current';
  #column = '';
  #descending = false;

  /** True from the first guiBrowse on. */
  get isOpen(): boolean {
    return this.#items !== undefined;
  }

  /** Opens the browser with the user's sort order and default search. Does nothing if it is open. */
  async open(collection: Collection): Promise<void> {
    if (this.#items) return;
    const column = await config(collection, 'sortType');
    this.#column = typeof column === 'string' ? column : 'noteFld';
    this.#descending = (await config(collection, 'sortBackwards')) === true;
    const query = (await config(collection, 'defaultSearchText')) || this.#query;
    this.#items = [];
    try {
      await this.search(collection, query);
    } catch (error) {
      // The user's own default search may be wrong; the list is then empty, as on the desktop.
      if (!(error instanceof AnkiRefused)) throw error;
    }
  }

  /** Lists the cards that a query finds, and returns their ids unordered. An invalid query leaves the list unchanged. */
  async search(collection: Collection, query: Json | undefined): Promise<number[]> {
    const found = await search(collection, 'cards', query);
    if (typeof query === 'string') {
      this.#query = query;
      await this.#list(collection);
    }
    return found.map(Number);
  }

  /** Sorts the list by a visible column. */
  async reorder(collection: Collection, wanted: Json): Promise<void> {
    if (!isObject(wanted)) throw new AnkiRefused(`reorderCards should be a dict: ${str(wanted)}`);
    const { columnId, order } = wanted;
    if (columnId === undefined || order === undefined)
      throw new AnkiRefused('Must provide a "columnId" and a "order" property"');
    if (order !== 'ascending' && order !== 'descending')
      throw new AnkiRefused(`invalid card order: ${str(order)}`);
    const columns = await config(collection, 'activeCols');
    const shown = Array.isArray(columns) ? columns : defaultColumns;
    if (typeof columnId !== 'string' || !shown.includes(columnId))
      throw new AnkiRefused(`invalid columnId: ${str(columnId)}`);
    const isNew = columnId !== this.#column;
    this.#column = columnId;
    this.#descending = order === 'descending' || (isNew && (await startsDescending(collection, columnId)));
    await this.#list(collection);
  }

  /** Selects a card of the list, or clears the selection. Returns false while the browser is closed. */
  select(card: Json | undefined): boolean {
    this.#selected = this.#items?.find((item) => item === card);
    return this.isOpen;
  }

  /** Returns the note of the selected card, or an empty list. */
  async selectedNotes(collection: Collection): Promise<number[]> {
    if (this.#selected === undefined) return [];
    const rows = await collection.query('select nid from cards where id = ?', this.#selected);
    return rows.map(([note]) => Number(note));
  }

  /** Loads the list. Keeps the selection if its card is still in the list. */
  async #list(collection: Collection): Promise<void> {
    const order = { case: 'builtin', value: { column: this.#column, reverse: this.#descending } } as const;
    const request = { search: this.#query, order: { value: order } };
    this.#items = (await collection.call('search_cards', request)).ids.map(Number);
    this.#selected = this.#items.find((item) => item === this.#selected) ?? this.#items[0];
  }
}
