import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/backends/engine/engine.ts';
import type { OpenPanel, PanelHost } from '../support/panel-host/host.ts';
import { startPanels } from '../support/panel-host/start.ts';

/** Returns a sound of a tenth of a second with one level, which is silence. */
const wavOf = (level: number): string =>
  Buffer.concat([
    Buffer.from(
      'RIFF\x44\x03\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x20\x03\0\0',
      'latin1',
    ),
    Buffer.alloc(800, level),
  ]).toString('base64');

let engine: Engine;
let host: PanelHost;
let close: () => Promise<void>;
afterEach(() => close());

const button = ({ view }: OpenPanel, name: string) => view.getByRole('button', { name, exact: true });
const says = ({ view }: OpenPanel, text: string) => view.getByText(text).first().waitFor();
const open = () => host.open('study', { action: 'start', deck: 'D' });
const add = (Front: string, Back: string, modelName = 'Basic') =>
  engine.call('addNote', { note: { deckName: 'D', modelName, fields: { Front, Back } } });

/** Records what is played, and how it ended. */
const recordSounds = `
  window.played = [];
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    const sound = { source: this.src, ended: false };
    played.push(sound);
    this.addEventListener('ended', () => { sound.ended = true; });
    return play.call(this);
  };`;
const played = ({ view }: OpenPanel): Promise<unknown> => view.evaluate('played');

/** Gives the browser a voice that records what it speaks. Chromium has none here. */
const giveVoice = `
  window.spoken = [];
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  speechSynthesis.getVoices = () => [{ lang: 'es_ES', name: 'Lucia' }];
  speechSynthesis.speak = ({ text, lang, voice }) => spoken.push({ text, lang, voice: voice.name });
  speechSynthesis.dispatchEvent(new Event('voiceschanged'));`;

describe.each(['the engine', 'the desktop'] as const)('on %s', (kind) => {
  beforeEach(async () => {
    ({ engine, host, close } = await startPanels(kind));
    await engine.call('createDeck', { deck: 'D' });
    await engine.call('storeMediaFile', { filename: 'question.wav', data: wavOf(128) });
    await engine.call('storeMediaFile', { filename: 'answer.wav', data: wavOf(129) });
  });

  test('plays a sound of the media folder when the user clicks, and only that of the answer when it is revealed', async () => {
    await add('perro [sound:question.wav]', 'dog [sound:answer.wav]');
    const panel = await open();
    await button(panel, '▶ Sound 1').waitFor();
    await panel.view.evaluate(recordSounds);
    expect(await played(panel)).toEqual([]);
    await button(panel, '▶ Sound 1').click();
    const [question, answer] = [128, 129].map((level) => ({
      source: `data:audio/wav;base64,${wavOf(level)}`,
      ended: true,
    }));
    await expect.poll(() => played(panel)).toEqual([question]);
    await button(panel, 'Show answer').click();
    await expect.poll(() => played(panel)).toEqual([question, answer]);
    expect(panel.errors).toEqual([]);
  });

  test('a sound that the browser refuses to play leaves its button', async () => {
    await add('perro', 'dog [sound:answer.wav]');
    const panel = await open();
    await button(panel, 'Show answer').waitFor();
    await panel.view.evaluate(
      `window.tries = 0; HTMLMediaElement.prototype.play = async () => { tries++; throw new DOMException('', 'NotAllowedError'); }`,
    );
    await button(panel, 'Show answer').click();
    await button(panel, '▶ Sound 1').waitFor();
    await button(panel, '▶ Sound 1').click();
    await expect.poll(() => panel.view.evaluate('tries')).toBe(2);
    expect(panel.errors).toEqual([]);
  });

  test('reads a text aloud in the language of the template, as soon as the browser has a voice', async () => {
    await engine.call('createModel', {
      modelName: 'Spoken',
      inOrderFields: ['Front', 'Back'],
      cardTemplates: [{ Front: '{{tts es_ES:Front}} listen', Back: '{{Back}}' }],
    });
    await add('el <b>perro</b>', 'dog', 'Spoken');
    const panel = await open();
    await says(panel, 'this browser has no voice for es-ES');
    await panel.view.evaluate(giveVoice);
    await button(panel, '▶ Read aloud').click();
    const spoken = [{ text: 'el perro', lang: 'es-ES', voice: 'Lucia' }];
    expect(await panel.view.evaluate('spoken')).toEqual(spoken);
  });

  test('says which sound and picture are missing', async () => {
    await add('<img src="none.png" alt="A dog"> <img src="other.png">', '[sound:none.mp3][sound:answer.wav]');
    const panel = await open();
    const card = panel.view.frameLocator('iframe');
    await card.getByText('A picture is missing: A dog').waitFor();
    await card.getByText('A picture is missing', { exact: true }).waitFor();
    await button(panel, 'Show answer').click();
    await says(panel, 'Sound 1: not in the media folder');
    await button(panel, '▶ Sound 2').waitFor();
    expect(panel.errors).toEqual([]);
  });
});
