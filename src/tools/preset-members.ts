import { isObject, type Json, type JsonObject } from '../lib/json.ts';

/** Members that identify the preset, or that Anki sets. */
const hidden = new Set(['id', 'name', 'mod', 'usn', 'dyn']);

/** Returns the options of a preset by dotted path: "new.perDay". */
export function membersOf(config: JsonObject): Map<string, Json> {
  const members = new Map<string, Json>();
  for (const [name, value = null] of Object.entries(config)) {
    if (hidden.has(name)) continue;
    if (isObject(value)) {
      for (const [inner, part = null] of Object.entries(value)) members.set(`${name}.${inner}`, part);
    } else members.set(name, value);
  }
  return members;
}
