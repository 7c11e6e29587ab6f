/** The same search, made only once for each key. */
export function once<Key, Found>(search: (key: Key) => Promise<Found>): (key: Key) => Promise<Found> {
  const searches = new Map<Key, Promise<Found>>();
  return (key) => {
    const known = searches.get(key) ?? search(key);
    searches.set(key, known);
    return known;
  };
}
