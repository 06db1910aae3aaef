// Any XLSForm opens in the app: what its components cover can be filled, what they do not is named and blocks nothing.
import { createApp, nextTick } from 'vue';
import { describe, expect, it, vi } from 'vitest';
import { openInterview } from '../src/engine/interview';
import type { Interview } from '../src/engine/interview';
import type { Question } from '../src/engine/question';
import { unfillable } from '../src/engine/unfillable';
import CannotFill from '../src/parts/CannotFill.vue';
import { LARGEST_FILE, tooLarge } from '../src/questions/files';
import QuestionView from '../src/questions/QuestionView.vue';
import { textOf } from '../src/sync/work';
import { language } from '../src/words';

const XFORMS = import.meta.glob<string>('../../../tests/forms/corpus/xforms/*.xml', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const TEXTS = new Map(Object.entries(XFORMS).map(([path, xml]) => [path.slice(path.lastIndexOf('/') + 1), xml]));
const FORMS = [...TEXTS.keys()];
const ELSEWHERE = import.meta.glob<string>('../../../tests/forms/corpus/ready/{bindid,bom,build,crlf,enketo,nometa,prefixed,slashid,stylesheet,xmlnsid}.xml', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const WHO = { deviceId: 'mangnon:thu', name: 'Người Thử' };

function open(name: string): Promise<Interview> {
  return openInterview({ xml: TEXTS.get(name) ?? '', media: async () => null }, WHO);
}

function questions(interview: Interview): Question[] {
  return interview.pages.flatMap((page) => (page.kind === 'questions' ? page.blocks.flatMap((b) => b.questions) : []));
}

function shown(question: Question): HTMLElement {
  const place = document.createElement('div');
  const app = createApp(QuestionView, { question, attempted: true });
  // QuestionView offers every control the same listeners; those that have no use for one are no matter here.
  app.config.warnHandler = () => undefined;
  app.mount(place);
  return place;
}

// Opening eleven forms takes a while on a busy machine; nothing here is about time.
vi.setConfig({ testTimeout: 60_000 });

describe('any form', () => {
  it('is tested with the whole corpus', () => {
    expect(FORMS.length).toBeGreaterThanOrEqual(11);
  });

  it.each(FORMS)('%s opens and every question of it is drawn', async (name) => {
    const interview = await open(name);
    const all = questions(interview);
    expect(all.length).toBeGreaterThan(0);
    for (const question of all) {
      const place = shown(question);
      await nextTick();
      const cannot = place.querySelector('[data-cannot]');
      expect(cannot !== null, question.name).toBe(question.kind === 'other');
      if (cannot) expect(cannot.textContent).toContain(question.labelText);
    }
    expect(interview.snapshot().xml).toContain('instanceID');
  });

  it.each(Object.keys(ELSEWHERE))('%s, made elsewhere, opens', async (path) => {
    const interview = await openInterview({ xml: ELSEWHERE[path] ?? '', media: async () => null }, WHO);
    expect(questions(interview).length).toBeGreaterThan(0);
    expect(interview.instanceId).toMatch(/^uuid:/);
  });

  it('names what the app cannot fill: traces, shapes, drawings, buildings, lists of the old kind', async () => {
    const kinds = new Map<string, string>();
    for (const name of FORMS) for (const question of questions(await open(name))) kinds.set(question.name, question.kind);
    const other = [...kinds].filter(([, kind]) => kind === 'other').map(([name]) => name);
    expect(other.sort()).toEqual(['building', 'house', 'pic', 'shape', 'trace', 'w']);
    expect(['voice', 'film', 'paper'].map((name) => kinds.get(name))).toEqual(['file', 'file', 'file']);
    expect(['steps', 'ranked', 'code', 'agreed'].map((name) => kinds.get(name))).toEqual(['range', 'rank', 'text', 'trigger']);
  });

  it('keeps a recording and a document under names of their own', async () => {
    const interview = await open('field_types.xml');
    const ask = (name: string): Question => questions(interview).find((question) => question.name === name) as Question;
    expect([ask('voice').accepts, ask('film').accepts, ask('paper').accepts]).toEqual(['audio/*', 'video/*', '']);
    ask('voice').setFile(new File([new Uint8Array([1])], 'ghi âm.m4a', { type: 'audio/mp4' }));
    ask('paper').setFile(new File([new Uint8Array([2])], 'tờ khai.pdf', { type: 'application/pdf' }));
    await nextTick();
    const { xml, files } = interview.snapshot();
    expect(files).toHaveLength(2);
    for (const { name } of files) expect(xml).toContain(name);
  });

  it('says in words that a file is too large to be sent', async () => {
    expect([tooLarge({ size: LARGEST_FILE }), tooLarge({ size: LARGEST_FILE + 1 })]).toEqual([false, true]);
    const interview = await open('field_types.xml');
    const voice = questions(interview).find(({ name }) => name === 'voice') as Question;
    voice.local.problem = 'too-large';
    expect(shown(voice).textContent).toContain('100 MB');
  });

  it('can be finished though a required question cannot be filled here', async () => {
    const xml = (TEXTS.get('field_types.xml') ?? '')
      .replace('<bind nodeset="/data/trace"', '<bind required="true()" nodeset="/data/trace"')
      .replace('<bind nodeset="/data/words"', '<bind required="true()" nodeset="/data/words"');
    const interview = await openInterview({ xml, media: async () => null }, WHO);
    const invalid = questions(interview).filter((question) => !question.valid).map(({ name }) => name);
    expect(questions(interview).find(({ name }) => name === 'trace')?.required).toBe(true);
    expect(invalid).toEqual(['words']);
  });

  it.each(FORMS)('%s: what cannot be asked is known before it is opened', async (name) => {
    const asked = questions(await open(name)).filter(({ kind }) => kind === 'other').map((question) => question.name);
    const known = unfillable(TEXTS.get(name) ?? '');
    expect(known.filter(({ kind }) => kind === 'question').map((question) => question.name).sort()).toEqual(asked.sort());
    expect(known.filter(({ kind }) => kind === 'recording')).toHaveLength(['field_types.xml', 'kobo_style.xml'].includes(name) ? 1 : 0);
  });

  it('names them in the language that is spoken, with ODK Collect as the way out', async () => {
    const body = ['a', 'b', 'c', 'd'].map((name) => `<input ref="/data/${name}"><label ref="jr:itext('${name}')"/></input>`);
    const texts = (words: string): string =>
      ['a', 'b', 'c', 'd'].map((name) => `<text id="${name}"><value>${words} **${name}** <output value="/data/x"/></value></text>`).join('');
    const binds = ['a', 'b', 'c', 'd'].map((name) => `<bind nodeset="/data/${name}" type="geotrace"/>`).join('');
    const xml = `<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><model><itext>
      <translation lang="Tiếng Việt (vi)" default="true()">${texts('Đường')}</translation>
      <translation lang="English (en)">${texts('Way')}</translation></itext>${binds}</model></h:head><h:body>${body.join('')}</h:body></h:html>`;
    const form = { key: 'k', formId: 'f', version: '1', hash: 'h', title: 'F', xml, media: [], current: true };
    const place = document.createElement('div');
    createApp(CannotFill, { form }).mount(place);
    expect(place.textContent).toContain('4 câu');
    expect(place.textContent).toContain('Đường a');
    expect(place.textContent).toContain('ODK Collect');
    expect(place.querySelector('details')?.textContent).toContain('và 1 câu khác');
    expect(place.querySelector('details')?.textContent).toContain('Đường d');
    language.value = 'en';
    await nextTick();
    expect(place.textContent).toContain('4 questions');
    expect(place.textContent).toContain('Way a');
    language.value = 'vi';
  });

  it('says nothing under a form that it can fill', () => {
    const xml = TEXTS.get('nested_repeats.xml') ?? '';
    const place = document.createElement('div');
    createApp(CannotFill, { form: { key: 'k', formId: 'f', version: '1', hash: 'h', title: 'F', xml, media: [], current: true } }).mount(place);
    expect(place.textContent).toBe('');
  });

  it('reads a form in the encoding that the server names', () => {
    const bytes = Uint8Array.from([0x64, 0xe9, 0x6a, 0xe0]).buffer;
    expect(textOf({ bytes, type: 'text/xml; charset=iso-8859-1' })).toBe('déjà');
    expect(textOf({ bytes: new TextEncoder().encode('đã').buffer as ArrayBuffer, type: 'text/xml' })).toBe('đã');
  });
});
