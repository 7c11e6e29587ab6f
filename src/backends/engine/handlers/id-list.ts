import { isList, parseJson, printJson, type Json } from '../../../lib/json.ts';
import type { Collection } from '../session/collection.ts';
import type { Id } from '../session/python.ts';

/** SQL condition for a list of ids, which is passed as one parameter. */
export const inList = 'in (select value from json_each(?))';

/** Returns the parameter, with all digits of each id. */
export const jsonList = (ids: readonly Id[]): string => printJson(ids, 'digits');

/** SQL that joins the card of an id for `valuesInOrder`. */
export const joinCards = 'left join cards c on c.id = wanted.value';

/**
 * Returns the values of SQL expressions for each id, in the order of the ids: one list for each expression. `joined` joins
 * tables to `wanted.value`, the id; without a row, the values are null. SQLite prints each list as one text, because
 * a row for each id takes the engine and us several times longer.
 */
export async function valuesInOrder(
  collection: Collection,
  ids: readonly Id[],
  joined: string,
  ...expressions: readonly string[]
): Promise<readonly (readonly Json[])[]> {
  const columns = expressions.map((expression, index) => `${expression} as value${index}`);
  const lists = expressions.map((_, index) => `json_group_array(value${index})`);
  const [row = []] = await collection.query(
    `select ${lists.join()} from (select ${columns.join()} from json_each(?) as wanted ${joined} order by wanted.key)`,
    jsonList(ids),
  );
  return row.map(listOf);
}

function listOf(text: Json): readonly Json[] {
  const list = parseJson(String(text));
  return typeof list === 'object' && list !== null && isList(list) ? list : [];
}
