// Set by packaging/panels.js.

/** The script of a card's frame. */
declare const FRAME_SCRIPT: string;
/** Its hash, as a content security policy names it. */
declare const FRAME_HASH: string;
