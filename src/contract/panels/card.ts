/** A side of a card as a panel shows it. */
export type CardView = {
  readonly id: number;
  /** Cleaned HTML. It contains no scripts and loads nothing; pictures are data: URLs. */
  readonly html: string;
  /** What a person sees of it, for screen readers. */
  readonly text: string;
  /** Number of the template, which is part of the card's class in Anki. */
  readonly number: number;
  readonly sounds: readonly Sound[];
};

/** What a card plays: a file, or text for the browser to speak. */
export type Sound =
  | { readonly kind: 'file'; readonly source: string }
  | { readonly kind: 'speech'; readonly text: string; readonly language: string }
  /** A file that cannot be sent, and why. */
  | { readonly kind: 'missing'; readonly reason: string };

/** A part of a typed or expected answer. Missed characters of a typed answer are shown as hyphens. */
export type AnswerPart = { readonly kind: 'good' | 'bad' | 'missed'; readonly text: string };

/** A typed answer compared with the expected one. */
export type Comparison = {
  readonly isCorrect: boolean;
  readonly typed: string;
  readonly expected: string;
  readonly typedParts: readonly AnswerPart[];
  readonly expectedParts: readonly AnswerPart[];
};
