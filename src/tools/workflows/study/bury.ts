import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';

/** Returns true if cards can be buried. Anki-Connect has no action for it. */
export const canBury = ({ backend }: Context): boolean => backend.operate !== undefined;

/** Takes a card out of study until tomorrow. */
export async function buryCard(context: Context, cardId: number): Promise<void> {
  if (!canBury(context)) throw cannotBury;
  if ((await context.operate('buryCards', { cards: [cardId] })) === 0)
    throw new AnkiRefused(`Nothing was buried: card ${cardId} is suspended, buried or deleted.`);
}

const cannotBury = new AnkiRefused(
  'Nothing was buried: Anki-Connect has no action that buries cards. skip shows the card later in this session, suspend takes it out of study until unsuspend, and in Anki itself the user can press - (minus).',
);
