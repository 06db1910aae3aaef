import { beforeEach, describe, expect, it } from 'vitest';
import { openInterview } from '../src/engine/interview';
import type { Interview } from '../src/engine/interview';
import type { Page, RepeatPage } from '../src/engine/pages';
import { findPage, nextMember, nextPage, previousPage, progress, rowState, rowsEndingAt } from '../src/screens/journey';
import { TRIAL_FORM, VILLAGES } from './trial-form';

let interview: Interview;
const pages = (): readonly Page[] => interview.pages;
const at = (key: string): Page => findPage(pages(), key) ?? (() => { throw new Error(`no page ${key}`); })();
const list = (): RepeatPage => at('/data/person') as RepeatPage;
const rowId = (nth: number): string => list().repeat.members[nth]?.id ?? '';

function answer(page: string, name: string, text: string): void {
  const here = at(page);
  if (here.kind !== 'questions') throw new Error(page);
  here.blocks.flatMap(({ questions }) => questions).find((question) => question.name === name)?.setText(text);
}

beforeEach(async () => {
  interview = await openInterview({ xml: TRIAL_FORM, media: async () => VILLAGES }, { deviceId: 'x', name: 'x' });
  answer('/data/house', 'number', '7');
  interview.addRow(list());
  interview.addRow(list());
  answer('/data/person[1]/who', 'name', 'Trẻ Một');
});

describe('the way through an interview', () => {
  it('asks nothing that is not relevant', () => {
    answer('/data/house', 'number', '');
    expect(pages().map(({ key }) => key)).toEqual(['/data/house', '/#1']);
  });

  it('goes from the list to the first unfinished row and from its end back to the list', () => {
    const none = new Set<string>();
    expect(nextPage(pages(), at('/data/house'), none)?.key).toBe('/data/person');
    expect(nextPage(pages(), list(), none)?.key).toBe('/data/person[1]/who');
    expect(nextPage(pages(), at('/data/person[1]/who'), none)?.key).toBe('/data/person[1]/job');
    expect(nextPage(pages(), at('/data/person[1]/job'), none)?.key).toBe('/data/person');
  });

  it('knows the list in the list, and where its rows end', () => {
    const jobs = at('/data/person[1]/job') as RepeatPage;
    interview.addRow(jobs);
    const job = pages().find(({ key }) => key.startsWith('/data/person[1]/job[1]')) as Page;
    expect(nextPage(pages(), job, new Set())?.key).toBe('/data/person[1]/job');
    expect(rowsEndingAt(pages(), job)).toEqual([rowId(0), job.rows[1]?.id]);
  });

  it('says how far each row has come', () => {
    expect(rowState(pages(), rowId(0), new Set())).toEqual({ kind: 'new' });
    expect(rowState(pages(), rowId(0), new Set([rowId(0)]))).toEqual({ kind: 'done' });
    expect(rowState(pages(), rowId(1), new Set([rowId(1)]))).toEqual({ kind: 'missing', count: 1 });
    expect(nextMember(pages(), list(), new Set([rowId(0)]))?.position).toBe(2);
  });

  it('leaves the list when every row is done', () => {
    answer('/data/person[2]/who', 'name', 'Trẻ Hai');
    expect(nextPage(pages(), list(), new Set([rowId(0), rowId(1)]))?.key).toBe('/#1');
  });

  it('comes back to the list, not into its last row', () => {
    expect(previousPage(pages(), at('/#1'))?.key).toBe('/data/person');
    expect(previousPage(pages(), at('/data/person[1]/who'))?.key).toBe('/data/person');
    expect(previousPage(pages(), at('/data/house'))).toBeNull();
  });

  it('counts parts that are not asked yet, so that the total stands still', () => {
    const before = progress(pages(), at('/data/house'), interview.sections);
    answer('/data/house', 'number', '');
    expect(progress(pages(), at('/data/house'), interview.sections).of).toBe(before.of);
    expect(before).toMatchObject({ part: 1, of: 3 });
  });

  it('names each row by the one who is in it', () => {
    expect(list().repeat.members.map(({ title }) => title)).toEqual(['Về Trẻ Một', '']);
  });
});
