import type { OcclusionView } from '../../../../contract/panels/occlusion.ts';
import { echo } from '../../../../lib/cut.ts';
import { lineOf } from '../../review/content.ts';
import { groupsOf } from '../card-pictures.ts';
import { fieldOf } from '../note.ts';
import type { Editor } from './editor.ts';
import { reportOf } from './edit-report.ts';

interface Options {
  readonly notice?: string | undefined;
  /** Whether the panel needs the picture and the shapes. */
  readonly withContent?: boolean;
}

/** Returns what the panel shows. */
export function viewOf(editor: Editor, { notice, withContent = true }: Options = {}): OcclusionView {
  const { id, target, phase, token } = editor;
  const common = {
    editor: id,
    filename: echo(target.picture?.filename ?? ''),
    ...('existing' in target && { note: target.existing.note.noteId }),
    details: detailsOf(editor),
    ...(notice !== undefined && { notice }),
    report: reportOf(editor),
  };
  if (phase === 'cancelled') return { ...common, phase, token };
  if (phase === 'saved') return { ...common, phase, sentences: sentencesOf(editor) };
  return { ...common, phase, token, ...(withContent && { content: contentOf(editor) }) };
}

const contentOf = ({ drawing, picture, known, groups }: Editor) => ({
  ...drawing,
  picture,
  angles: Object.fromEntries(
    known.flatMap(({ members }, index) => {
      const angle = Number(members.get('angle'));
      return Number.isFinite(angle) && angle !== 0 ? [[index + 1, angle]] : [];
    }),
  ),
  groups,
});

/** Maximum characters of a detail. */
const maxDetail = 300;

function detailsOf({ target }: Editor) {
  const old = 'existing' in target ? target.existing : undefined;
  const stored = (field: 'header' | 'backExtra') => (old ? fieldOf(old.note, old.type.fields[field]) : '');
  const all = {
    Deck: 'deck' in target ? target.deck : '',
    Tags: (target.tags ?? old?.note.tags ?? []).join(' '),
    Header: target.header ?? stored('header'),
    'Back Extra': target.backExtra ?? stored('backExtra'),
  };
  return Object.entries(all)
    .map(([name, html]) => ({ name, value: lineOf(html, maxDetail) }))
    .filter(({ value }) => value !== '');
}

function sentencesOf({ done, why, groups }: Editor): string[] {
  if (!done)
    return [`It is unknown whether the note was saved. Look for it in Anki. ${echo(why ?? '')}`.trim()];
  const now = groupsOf(done.shapes);
  const empty = groups.filter((group) => !now.includes(group)).length;
  const cards = now.length === 1 ? '1 card' : `${now.length} cards`;
  return [
    `Note ${done.note ?? ''}: ${done.outcome}, ${cards}.`,
    ...(empty > 0
      ? [
          `${empty === 1 ? '1 card has' : `${empty} cards have`} no mask any more. Tools > Empty Cards in Anki deletes them.`,
        ]
      : []),
  ];
}
