/** Returns a function that calls `search` once per key and returns the same promise for later calls with that key. */
export function oncePerKey<Key, Found>(search: (key: Key) => Promise<Found>): (key: Key) => Promise<Found> {
  const searches = new Map<Key, Promise<Found>>();
  return (key) => {
    const result = searches.get(key) ?? search(key);
    searches.set(key, result);
    return result;
  };
}
