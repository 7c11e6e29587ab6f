/** What Anki's windows would hold: it outlives a closed and reopened collection, but not the process. */
export class Desk {}
