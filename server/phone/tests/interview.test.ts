import { describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { openInterview } from '../src/engine/interview';
import type { Interview, Snapshot } from '../src/engine/interview';
import type { RepeatPage } from '../src/engine/pages';
import type { Question } from '../src/engine/question';
import { TRIAL_FORM, VILLAGES } from './trial-form';

const WHO = { deviceId: 'mangnon:thu', name: 'Nguyễn Thị Thử' };
const FORM = { xml: TRIAL_FORM, media: async (name: string) => (name === 'villages.csv' ? VILLAGES : null) };

function ask(interview: Interview, name: string, nth = 0): Question {
  const all = interview.pages.flatMap((page) => (page.kind === 'questions' ? page.blocks.flatMap((b) => b.questions) : []));
  const found = all.filter((question) => question.name === name)[nth];
  if (!found) throw new Error(`no question ${name} ${nth}`);
  return found;
}

function people(interview: Interview): RepeatPage {
  return interview.pages.find((page) => page.kind === 'repeat') as RepeatPage;
}

async function household(): Promise<Interview> {
  const interview = await openInterview(FORM, WHO);
  ask(interview, 'village').choose('05977.001');
  ask(interview, 'number').setText('7');
  return interview;
}

function addPeople(interview: Interview, ...names: string[]): void {
  names.forEach((name, index) => {
    interview.addRow(people(interview));
    ask(interview, 'name', index).setText(name);
  });
}

const restore = (saved: Snapshot): Promise<Interview> => openInterview(FORM, WHO, saved);
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 20));
const photo = (): File => new File([new Uint8Array([1, 2, 3])], 'photo.jpg', { type: 'image/jpeg' });

describe('an interview', () => {
  it('has a list from its file, in the language in use', async () => {
    const interview = await openInterview(FORM, WHO);
    expect(ask(interview, 'village').options).toEqual([
      { value: '05977.001', label: 'Thôn Tập huấn 1' },
      { value: '05977.002', label: 'Khối Tập huấn 2' },
    ]);
    expect(interview.languages.map(({ code }) => code)).toEqual(['vi', 'en']);
    interview.setLanguage('en');
    expect(ask(interview, 'village').labelText).toBe('A2. Village');
  });

  it('opens without a list that is missing, with the question empty', async () => {
    const interview = await openInterview({ ...FORM, media: async () => null }, WHO);
    expect(ask(interview, 'village').options).toEqual([]);
  });

  it('is named by what its codes mean', async () => {
    expect((await household()).title).toBe('Thôn Tập huấn 1 / 7');
  });

  it('says what is wrong in the form’s words', async () => {
    const interview = await household();
    const number = ask(interview, 'number');
    number.setText('1000');
    expect(number.violation).toEqual({ condition: 'constraint', message: 'Từ 1 đến 999.' });
    ask(interview, 'village').choose(null);
    expect(ask(interview, 'village').violation).toEqual({ condition: 'required', message: null });
  });

  it('composes what is typed in two parts', async () => {
    const interview = await household();
    addPeople(interview, 'Trẻ Một'.normalize('NFD'));
    expect(ask(interview, 'name').value).toBe('Trẻ Một'.normalize('NFC'));
  });

  it('keeps its photo through restarts and further answers', async () => {
    const interview = await household();
    ask(interview, 'photo').setFile(photo());
    const first = interview.snapshot();
    const [stored] = first.files;
    expect(stored?.name).toMatch(/^photo-.+\.jpg$/);
    expect(first.xml).toContain(`<photo>${stored?.name}</photo>`);

    const again = await restore(first);
    await settled();
    ask(again, 'number').setText('8');
    const second = again.snapshot();
    expect(second.xml).toContain(`<photo>${stored?.name}</photo>`);
    expect(second.files.map(({ name }) => name)).toEqual([stored?.name]);
  });

  it('forgets a photo that was taken away, also after a restart', async () => {
    const interview = await household();
    ask(interview, 'photo').setFile(photo());
    const again = await restore(interview.snapshot());
    await settled();
    again.removeFile(ask(again, 'photo'));
    expect(again.snapshot().xml).toContain('<photo></photo>');
    expect(again.snapshot().files).toEqual([]);
  });

  it('keeps the others’ answers when a child in the middle is removed', async () => {
    const interview = await household();
    addPeople(interview, 'Trẻ Một', 'Trẻ Hai', 'Trẻ Ba');
    ['1', '2', '3'].forEach((hours, index) => ask(interview, 'hours', index).setText(hours));
    interview.removeRow(people(interview), 2);
    await nextTick();
    const xml = (await restore(interview.snapshot())).snapshot().xml;
    expect([...xml.matchAll(/<name>(.*?)<\/name><hours>(.*?)<\/hours>/g)].map((m) => [m[1], Number(m[2])])).toEqual([
      ['Trẻ Một', 1],
      ['Trẻ Ba', 3],
    ]);
  });

  it('gives each row an id that survives a restart', async () => {
    const interview = await household();
    addPeople(interview, 'Trẻ Một', 'Trẻ Hai');
    const ids = (xml: string): string[] => [...xml.matchAll(/<id>(.*?)<\/id>/g)].map((m) => m[1] as string);
    const first = interview.snapshot();
    expect(new Set(ids(first.xml)).size).toBe(2);
    const again = await restore(first);
    expect(ids(again.snapshot().xml)).toEqual(ids(first.xml));
    expect(again.instanceId).toBe(interview.instanceId);
  });
});
