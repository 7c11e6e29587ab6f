import type { Skill } from './skill.ts';

export const soundWithoutFiles: Skill = {
  name: 'sound-without-files',
  title: 'Sound without files',
  description:
    'How to let Anki cards speak a field with the voices of the device ({{tts}} in a template), without sound files. Use it for pronunciation, vocabulary and listening cards.',
  body: () => `# Sound without files

\`{{tts ja_JP:Front}}\` in a card template speaks the field Front when the card is shown. The device's own voices speak: no files are stored or synced, old and new notes have sound at once, and a corrected field is spoken correctly.

## Syntax

| in the template | what it speaks |
|---|---|
| \`{{tts en_US:Front}}\` | the field, in this language |
| \`{{tts fr_FR speed=0.8:Front}}\` | slower |
| \`{{tts ja_JP voices=Apple_Otoya,Microsoft_Haruka:Front}}\` | with the first of these voices that the device has |
| \`{{tts en_US:cloze:Text}}\` | a cloze text, as this side shows it |
| \`{{tts en_US:cloze-only:Text}}\` | only the hidden words |
| \`[anki:tts lang=en_US] … {{Field}} … [/anki:tts]\` | several fields or fixed text together |
| \`{{tts-voices:}}\` | nothing: lists the device's voices, to find their names |

- The language is a code with a region and an underscore: en_US, en_GB, de_DE, es_ES, fr_FR, ja_JP, zh_CN, pt_BR.
- On the answer side, \`{{FrontSide}}\` does not repeat the sound of the question.
- For a listening card, speak the field without showing it: \`{{tts ja_JP:Expression}}\` alone on the front.
- Speak only what the side shows: a \`{{tts}}\` of the answer on the front reveals it.
- To speak only filled fields: \`{{#Example}}{{tts de_DE:Example}}{{/Example}}\`.

## Steps

1. modelTemplates returns the templates, and modelFieldNames the fields. Ask the user for the language of each field if it is not clear.
2. Add the tag with updateModelTemplates. Send the complete template, with everything that it had. It changes all cards of the note type; the notes stay as they are.
3. Look at one card with viewCards, and ask the user to listen to it in Anki.

## Limits

- The device needs a voice for the language. Windows, macOS, iOS and Android have voices, more can be installed in their settings. Anki on Linux needs an add-on for it, and AnkiWeb does not speak.
- For a voice that must be the same everywhere, or a real recording, store a file: storeMediaFile, and \`[sound:name.mp3]\` in the field.
`,
};
