/** A card that a note would have, as HTML after its style element. */
export type DraftCard = Readonly<{ ordinal: number; question: string; answer: string }>;

export interface RenderOperations {
  /** Renders the first cards that a note would have. The note need not exist, and nothing is written. */
  renderNote(params: {
    readonly noteType: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly tags: readonly string[];
    readonly maxCards: number;
  }): readonly DraftCard[];
}
