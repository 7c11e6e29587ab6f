import { describe, expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../../../support/assistant.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { overHttp } from '../../../support/guarded-server.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const mp3 = Buffer.from('ID3 a sound').toString('base64');

describe.each(['the engine', 'the desktop'])('on %s', (kind) => {
  async function started(files: Readonly<Record<string, string>>, fields: Readonly<Record<string, string>>) {
    const { engine, close } = temporaryEngine();
    onTestFinished(close);
    const assistant = await Assistant.of(kind === 'the engine' ? engine : await overHttp(engine));
    onTestFinished(() => assistant.close());
    for (const [filename, data] of Object.entries(files))
      await engine.call('storeMediaFile', { filename, data });
    const modelName = 'Occlusion' in fields ? 'Image Occlusion' : 'Text' in fields ? 'Cloze' : 'Basic';
    await engine.call('addNote', { note: { deckName: 'Default', modelName, fields } });
    const study = async (action: string, more: object = {}) => {
      const reply = await assistant.call('study', { action, ...more });
      const media = reply.content
        .filter(({ type }) => type !== 'text')
        .map(({ type, data }) => ({ type, data }));
      return { ...reply, media };
    };
    return { study, question: await study('start', { deck: 'Default' }) };
  }

  test('a picture comes as content, and its name only with the answer', async () => {
    const { study, question } = await started(
      { 'flag-of-spain.png': png },
      { Front: '<img src="flag-of-spain.png" alt="flag of spain">', Back: 'Es' },
    );
    expect(question.result).toMatchObject({ question: '[image 1]' });
    expect(question.media).toEqual([{ type: 'image', data: png }]);
    expect(JSON.stringify(question)).not.toMatch(/spain/i);
    const revealed = await study('reveal');
    expect(revealed.result).toMatchObject({ question: '[image: flag-of-spain.png]', answer: 'Es' });
    expect(revealed.media).toEqual([]);
  });

  test('a picture of the answer comes with reveal', async () => {
    const { study, question } = await started(
      { 'spain.png': png },
      { Front: 'flag?', Back: '<img src=spain.png>' },
    );
    expect(question.media).toEqual([]);
    const revealed = await study('reveal');
    expect(revealed.result).toMatchObject({ answer: '[image: spain.png]' });
    expect(revealed.media).toEqual([{ type: 'image', data: png }]);
  });

  test('sounds come as content without their names', async () => {
    const { study, question } = await started(
      { 'hola.mp3': mp3, 'adios.mp3': mp3 },
      { Front: '[sound:hola.mp3] and <audio src="adios.mp3"></audio>', Back: 'x' },
    );
    expect(question.result).toMatchObject({
      question: expect.stringMatching(/^\[sound \d\] and \[sound \d\]$/),
    });
    expect(question.media).toEqual([
      { type: 'audio', data: mp3 },
      { type: 'audio', data: mp3 },
    ]);
    expect(question.text).not.toMatch(/hola|adios/);
    expect((await study('reveal')).result).toMatchObject({
      question: '[sound: hola.mp3] and [sound: adios.mp3]',
    });
  });

  test.each([
    ['a missing picture', '<img src="spain.png">', /\[image 1\] is not sent: not in the media folder/],
    ['a picture on the web', '<img src="https://x.test/spain.png">', /\[image 1\] is not sent: on the web/],
    ['an SVG picture', '<img src="spain.svg">', /\[image 1\] is not sent: image\/svg\+xml, 1 KB/],
    ['a video', '<video src="spain.mp4"></video>', /\[video 1\]/],
    [
      'a picture whose alt text looks like LaTeX',
      '<img class="latex" alt="spain" src="https://x.test/a.png">',
      /\[image 1\] is not sent: on the web/,
    ],
    [
      'a picture behind masks',
      '<div id="io-original"><img src="_spain.png"></div>',
      /Pictures are not sent before reveal/,
    ],
  ])('%s says why it is not sent, without its name', async (_, Front, reason) => {
    const svg = Buffer.from('<svg>a picture of spain</svg>').toString('base64');
    const { question } = await started({ 'spain.svg': svg, '_spain.png': png }, { Front, Back: 'x' });
    expect(question.media).toEqual([]);
    expect(question.text).toMatch(reason);
    expect(question.text).not.toContain('spain');
  });

  test('an image occlusion picture is sent only with the answer', async () => {
    const { study, question } = await started(
      { 'heart.png': png },
      {
        Occlusion: '{{c1::image-occlusion:rect:left=.1:top=.1:width=.2:height=.2:oi=1}}',
        Image: '<img src="heart.png">',
        Header: 'Which chamber?',
        'Back Extra': '',
        Comments: '',
      },
    );
    expect(question.media).toEqual([]);
    expect(question.text).toContain('Pictures are not sent before reveal');
    expect((await study('reveal')).media).toEqual([{ type: 'image', data: png }]);
  });

  test('a picture within a hidden cloze is sent only with the answer', async () => {
    const { study, question } = await started(
      { 'heart.png': png },
      { Text: 'This organ: {{c1::<img src="heart.png">}}', 'Back Extra': '' },
    );
    expect(question.result).toMatchObject({ question: 'This organ: [...]' });
    expect(question.media).toEqual([]);
    expect((await study('reveal')).media).toEqual([{ type: 'image', data: png }]);
  });
});
