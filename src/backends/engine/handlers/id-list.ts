/** SQL condition for a list of ids, which is passed as one parameter. */
export const inList = 'in (select value from json_each(?))';

/** Returns the parameter, with all digits of each id. */
export const jsonList = (ids: readonly bigint[]): string => `[${ids.join(',')}]`;
