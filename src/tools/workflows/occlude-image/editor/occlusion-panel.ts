import { z } from 'zod';
import { overwrites } from '../../../../contract/action.ts';
import { AnkiRefused, NotAllowed, Unavailable, Unreachable } from '../../../../contract/errors.ts';
import type { OcclusionView } from '../../../../contract/panels/occlusion.ts';
import { optionalOrEmpty } from '../../../../contract/schemas.ts';
import { messageOf } from '../../../../lib/error.ts';
import { newToken } from '../../../panel-states.ts';
import { panelWorkflow, type Context } from '../../../workflow.ts';
import { shapeKinds } from '../field.ts';
import { save } from '../save.ts';
import { requireMask } from '../shapes.ts';
import { editors, shapesOf, type Editor } from './editor.ts';
import { restartIfChanged } from './present.ts';
import { viewOf } from './view.ts';

const shape = z.strictObject({
  id: z.int().min(1).exactOptional(),
  shape: z.enum(shapeKinds),
  at: z.array(z.number()),
  group: z.int(),
  text: z.string().exactOptional(),
});

const input = z.strictObject({
  action: z.enum(['show', 'edit', 'save', 'cancel', 'reopen']),
  editor: z.string(),
  token: z.string().optional().describe('Of the view that the user sees; for all but show'),
  shapes: optionalOrEmpty(z.array(z.unknown().meta({ type: 'object' }).pipe(shape))),
  hideOne: z.boolean().optional(),
});

type Input = z.output<typeof input>;

export const occlusionPanel = panelWorkflow({
  title: 'Image occlusion panel',
  description:
    'Carries out what the user does in the image occlusion panel, and returns what the panel shows.',
  annotations: { ...overwrites, idempotentHint: false },
  needsEngine: true,
  input,
  ui: { panel: 'occlusion', appOnly: true },
  async run(context, request) {
    const editor = editors.get(request.editor);
    if (!editor) throw noEditor;
    // The host may send the calls of a panel over its own connection.
    const here = { ...context, session: editor.client };
    return { view: await editor.afterLast(() => carryOut(here, editor, request)) };
  },
});

const noEditor = new AnkiRefused(
  'This editor is closed: the server was restarted, the chat has ended, or newer editors took its place. Masks that were not saved are lost. Ask for a new editor in the chat.',
);

const stale = 'Nothing was changed: the masks have changed in another place. This is how they are now.';

async function carryOut(context: Context, editor: Editor, request: Input): Promise<OcclusionView> {
  const { action, token } = request;
  if (action === 'show') return viewOf(editor);
  if (token === undefined || token !== editor.token)
    return viewOf(editor, { notice: editor.phase === 'saved' ? undefined : stale });
  // A token permits one action, also if that fails.
  editor.token = newToken();
  if (editor.phase === 'cancelled') {
    if (action === 'reopen') editor.phase = 'open';
    return viewOf(editor);
  }
  if (editor.phase === 'saved') return viewOf(editor);
  keepDrawing(editor, request);
  if (action === 'edit') return viewOf(editor, { withContent: false });
  if (action === 'cancel') editor.phase = 'cancelled';
  return viewOf(editor, { notice: action === 'save' ? await saveOnce(context, editor) : undefined });
}

/** Keeps what the user has drawn, if it can be stored. */
function keepDrawing(editor: Editor, { shapes, hideOne }: Input): void {
  const drawing = {
    shapes: shapes ?? editor.drawing.shapes,
    hideOne: hideOne ?? editor.drawing.hideOne,
  };
  shapesOf(editor, drawing);
  editor.drawing = drawing;
}

/** Errors after which nothing was changed. */
const nothingChanged = [AnkiRefused, NotAllowed, Unavailable, Unreachable] as const;

/** Saves the drawing. Returns why not, if the note or the picture has changed since the user saw it. */
async function saveOnce(context: Context, editor: Editor): Promise<string | undefined> {
  const shapes = shapesOf(editor, editor.drawing);
  requireMask(shapes);
  const changed = await restartIfChanged(context, editor);
  if (changed !== undefined) return changed;
  try {
    editor.done = await save(context, editor.target, shapes);
  } catch (error) {
    if (nothingChanged.some((kind) => error instanceof kind)) throw error;
    // It may have been saved: it must not be sent again.
    editor.why = messageOf(error);
  }
  editor.phase = 'saved';
  return undefined;
}
