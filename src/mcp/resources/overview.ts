import { json, jsonContents, type Resource } from './resource.ts';

export const overview: Resource = {
  uri: 'anki://overview',
  name: 'overview',
  title: 'Overview',
  description: 'Decks with what is due today, note types by structure with their fields, tags in use.',
  mimeType: json,
  async read(context) {
    // Here rather than at the top: listing the resources needs none of the contract behind it.
    const { overview: workflow } = await import('../../tools/workflows/overview.ts');
    const { result } = await workflow.run(context, {});
    return jsonContents(result, context);
  },
};
