import type { ActionName } from '../../../contract/index.ts';
import type { Handlers } from '../session/handler.ts';
import { card } from './card.ts';
import { deck } from './deck.ts';
import { gui } from './gui.ts';
import { media } from './media.ts';
import { misc } from './misc.ts';
import { model } from './model.ts';
import { note } from './note.ts';
import { fileImport } from './package.ts';
import { statistic } from './statistic.ts';

export const handlers: Handlers<ActionName> = {
  ...card,
  ...deck,
  ...gui,
  ...media,
  ...misc,
  ...model,
  ...note,
  ...fileImport,
  ...statistic,
};
