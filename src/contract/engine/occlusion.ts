/** A note type for image occlusion, and its fields by their purpose. They may have been renamed. */
export type OcclusionType = Readonly<{
  id: number;
  name: string;
  fields: Readonly<{ shapes: string; image: string; header: string; backExtra: string }>;
}>;

/** Anki's note types for image occlusion. */
export interface OcclusionOperations {
  occlusionTypes(params: object): readonly OcclusionType[];
  /** Adds the note type, for collections whose user has deleted it. */
  addOcclusionType(params: object): null;
}
