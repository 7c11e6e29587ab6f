import { json, jsonContents, type Resource } from './resource.ts';

export const overview: Resource = {
  uri: 'anki://overview',
  name: 'overview',
  title: 'Overview',
  description: 'Decks with cards due today, note types by structure with their fields, tags in use.',
  mimeType: json,
  async read(context) {
    // Imported here, so that listing the resources does not load the contract.
    const { overview: workflow } = await import('../../tools/workflows/overview/overview.ts');
    const { result } = await workflow.run(context, {});
    return jsonContents(result, context);
  },
};
