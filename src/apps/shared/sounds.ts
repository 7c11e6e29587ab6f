import type { Sound } from '../../contract/panels/card.ts';
import { h } from './dom.ts';

let playing: HTMLAudioElement | undefined;

/** Stops what is playing or spoken. */
export function stopSounds(): void {
  playing?.pause();
  playing = undefined;
  if ('speechSynthesis' in window) speechSynthesis.cancel();
}

/** Returns a voice of this browser for a language such as en-US. */
function voiceFor(language: string): SpeechSynthesisVoice | undefined {
  if (!('speechSynthesis' in window)) return undefined;
  const voices = speechSynthesis.getVoices();
  const isSame = ({ lang }: SpeechSynthesisVoice, wanted: string) =>
    lang.replace('_', '-').toLowerCase().startsWith(wanted.toLowerCase());
  return (
    voices.find((voice) => isSame(voice, language)) ??
    voices.find((voice) => isSame(voice, language.slice(0, language.indexOf('-'))))
  );
}

/** Calls a function when the browser has loaded its voices, which may be after the first card was drawn. */
export function onVoices(draw: () => void): void {
  if ('speechSynthesis' in window) speechSynthesis.addEventListener('voiceschanged', draw);
}

/** Plays sounds one after the other. A browser refuses it before the user's first click: then the buttons remain. */
export async function play(sounds: readonly Sound[]): Promise<void> {
  stopSounds();
  for (const sound of sounds) {
    if (sound.kind === 'file') {
      const audio = new Audio(sound.source);
      playing = audio;
      const ended = new Promise((resolve) => audio.addEventListener('ended', resolve));
      try {
        await audio.play();
      } catch {
        return;
      }
      await ended;
      if (playing !== audio) return;
    } else if (sound.kind === 'speech') speak(sound);
  }
}

function speak({ text, language }: Extract<Sound, { kind: 'speech' }>): void {
  const voice = voiceFor(language);
  if (!voice) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = language;
  utterance.voice = voice;
  speechSynthesis.speak(utterance);
}

/** Returns a button for each sound that can be played here, and a sentence for each other one. */
export function soundButtons(sounds: readonly Sound[]): HTMLElement[] {
  return sounds.map((sound, index) => {
    const name = `Sound ${index + 1}`;
    if (sound.kind === 'missing') return h('span', { class: 'remark' }, `${name}: ${sound.reason}`);
    if (sound.kind === 'speech' && !voiceFor(sound.language))
      return h('span', { class: 'remark' }, `${name}: this browser has no voice for ${sound.language}`);
    const label = sound.kind === 'speech' ? 'Read aloud' : name;
    return h('button', { type: 'button', class: 'quiet', onclick: () => void play([sound]) }, `▶ ${label}`);
  });
}
