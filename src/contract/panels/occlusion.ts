/** The tool that the occlusion panel calls. */
export const occlusionTool = 'occlusionPanel';

/** What the user does in the occlusion panel. `edit` keeps the shapes as they are now, without saving a note. */
export type OcclusionAction = 'show' | 'edit' | 'save' | 'cancel' | 'reopen';

export type ShapeKind = 'rect' | 'ellipse' | 'polygon' | 'text';

/** A mask or a text label on the picture. */
export type DrawnShape = {
  /** Number of a shape that was there before the user's changes, from 1. It keeps what the panel does not know. */
  readonly id?: number;
  readonly shape: ShapeKind;
  /** In percent of the picture: left, top, width, height; of a polygon x, y of each corner; of a text left, top. */
  readonly at: readonly number[];
  /** Shapes of the same group are hidden on the same card. 0 for a text. */
  readonly group: number;
  readonly text?: string;
};

export type Drawing = {
  readonly shapes: readonly DrawnShape[];
  /** True if a card hides its own shapes only. */
  readonly hideOne: boolean;
};

/** The arguments of the tool. */
export type OcclusionRequest = Partial<Drawing> & {
  readonly action: OcclusionAction;
  readonly editor: string;
  /** Of the view that the user sees; for all but show. It is valid once. */
  readonly token?: string;
};

export type OpenEditor = {
  readonly phase: 'open';
  readonly token: string;
  /** Absent if it is what the panel has just sent. */
  readonly content?: Drawing & {
    /** A data: URL. The picture may be smaller than the file. */
    readonly picture: string;
    /** Angles in degrees by the id of a shape, for those that are turned about their left top corner. */
    readonly angles: Readonly<Record<string, number>>;
    /** The groups that have cards already. A new mask gets another one. */
    readonly groups: readonly number[];
  };
};

export type CancelledEditor = { readonly phase: 'cancelled'; readonly token: string };

export type SavedEditor = {
  readonly phase: 'saved';
  /** What happened, for the user. */
  readonly sentences: readonly string[];
};

/** What the occlusion panel shows. */
export type OcclusionView = {
  readonly editor: string;
  readonly filename: string;
  /** The note that is changed. Absent for a new one. */
  readonly note?: number;
  /** What is saved next to the masks, such as the deck. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
  /** What went wrong or changed, for the user. */
  readonly notice?: string;
  /** What the model should know. */
  readonly report: string;
} & (OpenEditor | CancelledEditor | SavedEditor);
