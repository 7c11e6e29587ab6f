import { ofType } from '../search-terms.ts';
import { countOf } from '../../lib/wording.ts';
import { summary } from './rule.ts';
import { quoted, sentence } from './words.ts';

/** A change of a note type's fields: says which fields it has now. */
const fields = (name: 'modelFieldAdd' | 'modelFieldRemove' | 'modelFieldRename' | 'modelFieldReposition') =>
  summary(name, {
    observe: async ({ modelName }, call) => {
      const [names, notes] = await Promise.all([
        call('modelFieldNames', { modelName }),
        call('findNotes', { query: ofType(modelName) }),
      ]);
      return { names, notes: notes.length };
    },
    describe: ({ params: { modelName }, before, after }) =>
      sentence(
        before.names.join('\n') === after.names.join('\n')
          ? `the fields of ${quoted([modelName])} are the same as before: ${quoted(after.names)}`
          : `the fields of ${quoted([modelName])} are now ${quoted(after.names)}, in ${countOf(after.notes, 'note')}`,
      ),
  });

/** A change of a note type's templates: says which templates it has now. */
const templates = (
  name: 'modelTemplateAdd' | 'modelTemplateRemove' | 'modelTemplateRename' | 'modelTemplateReposition',
) =>
  summary(name, {
    observe: async ({ modelName }, call) => {
      const [texts, cards] = await Promise.all([
        call('modelTemplates', { modelName }),
        call('findCards', { query: ofType(modelName) }),
      ]);
      return { names: Object.keys(texts), cards: cards.length };
    },
    describe: ({ params: { modelName }, before, after }) => {
      const more = after.cards - before.cards;
      const cards =
        more === 0
          ? 'no card was added or deleted'
          : `${countOf(Math.abs(more), 'card')} ${more > 0 ? 'added' : 'deleted'}`;
      return sentence(`the templates of ${quoted([modelName])} are now ${quoted(after.names)}`, cards);
    },
  });

export const model = {
  modelFieldAdd: fields('modelFieldAdd'),
  modelFieldRemove: fields('modelFieldRemove'),
  modelFieldRename: fields('modelFieldRename'),
  modelFieldReposition: fields('modelFieldReposition'),
  modelTemplateAdd: templates('modelTemplateAdd'),
  modelTemplateRemove: templates('modelTemplateRemove'),
  modelTemplateRename: templates('modelTemplateRename'),
  modelTemplateReposition: templates('modelTemplateReposition'),

  updateModelTemplates: summary('updateModelTemplates', {
    observe: async ({ model: { name } }, call) => {
      const [texts, cards] = await Promise.all([
        call('modelTemplates', { modelName: name }),
        call('findCards', { query: ofType(name) }),
      ]);
      return { texts, cards: cards.length };
    },
    describe: ({ params: { model: given }, before, after }) => {
      const changed = Object.keys(after.texts).filter(
        (name) => JSON.stringify(after.texts[name]) !== JSON.stringify(before.texts[name]),
      );
      const unknown = Object.keys(given.templates).filter((name) => !Object.hasOwn(after.texts, name));
      return sentence(
        changed.length > 0
          ? `changed the templates ${quoted(changed)} of ${quoted([given.name])}, which has ${countOf(after.cards, 'card')}`
          : 'no template is different from before',
        unknown.length > 0
          ? `no template has the name ${quoted(unknown)}, so this text was ignored (its templates: ${quoted(Object.keys(after.texts))})`
          : undefined,
      );
    },
  }),

  updateModelStyling: summary('updateModelStyling', {
    observe: async ({ model: { name } }, call) => {
      const [style, cards] = await Promise.all([
        call('modelStyling', { modelName: name }),
        call('findCards', { query: ofType(name) }),
      ]);
      return { css: style.css, cards: cards.length };
    },
    describe: ({ params: { model: given }, before, after }) =>
      before.css === after.css
        ? 'The CSS is the same as before.'
        : `Changed the CSS of ${quoted([given.name])}, which has ${countOf(after.cards, 'card')}.`,
  }),
};
