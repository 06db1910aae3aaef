// The next round starts from the last: the lists are kept for one person, and an interview begins with what is known.
import { beforeEach, describe, expect, it } from 'vitest';
import { nextTick } from 'vue';
import { openInterview } from '../src/engine/interview';
import type { Interview, Snapshot } from '../src/engine/interview';
import type { RepeatPage } from '../src/engine/pages';
import type { Question } from '../src/engine/question';
import type { KnownChild, KnownHousehold, StoredForm, StoredRecord } from '../src/store/db';
import { applyChanges, knownOf, listText, readLists, wipeLists, withKnown } from '../src/store/known';
import type { Changes, Lists } from '../src/store/known';
import { readSetting } from '../src/store/settings';
import { visitForm, visitLines } from '../src/visits';
import { KNOWN_FORM } from './known-form';

const WHO = { deviceId: 'mangnon:thu', name: 'Nguyễn Thị Thử' };

function house(id: string, number: string, more: Partial<KnownHousehold> = {}): KnownHousehold {
  const properties = { ward: '05977', village: '05977.001', number, head_name: `Chủ Hộ ${number}` };
  const label = `${number} · Chủ Hộ ${number}`;
  return { id, version: 3, label, properties, round: '2026', result: '1', visited_on: '2026-10-12', ...more };
}

function child(id: string, home: string, name: string, status = 'here'): KnownChild {
  const birth = { birth_year: '2014', birth_month: '3', birth_day: '4' };
  const properties = { household: home, full_name: name, sex: 'male', status, ...birth };
  return { id, version: 2, label: name, household_id: home, properties };
}

const LISTS: Lists = {
  households: [house('h1', '7'), house('h2', '12')],
  children: [child('c1', 'h1', 'Trẻ Một, tức "Tí"'), child('c2', 'h1', 'Trẻ Hai'), child('c3', 'h2', 'Trẻ Ba')],
};

function told(more: Partial<Changes> = {}): Changes {
  return { cursor: '5.aaaaaaaa', full: true, households: LISTS.households, children: LISTS.children, gone: [], ...more };
}

async function open(lists = LISTS, saved?: Snapshot): Promise<Interview> {
  const childrenOf = (id: string): string[] => (knownOf(lists, id)?.children ?? []).map((one) => one.id);
  return openInterview({ xml: KNOWN_FORM, media: async (name) => listText(lists, name), childrenOf }, WHO, saved);
}

function ask(interview: Interview, name: string, nth = 0): Question {
  const all = interview.pages.flatMap((page) => (page.kind === 'questions' ? page.blocks.flatMap((b) => b.questions) : []));
  const found = all.filter((question) => question.name === name)[nth];
  if (!found) throw new Error(`no question ${name} ${nth}`);
  return found;
}

function rows(interview: Interview): { name: string; known: boolean }[] {
  const list = interview.pages.find((page) => page.kind === 'repeat') as RepeatPage;
  return list.repeat.members.map(({ name, known }) => ({ name, known }));
}

describe('an interview about a household of the last round', () => {
  it('begins with what is known, and has a row for each child once members are asked for', async () => {
    const interview = await open();
    interview.chooseHousehold('h1');
    expect(ask(interview, 'number').value).toBe('7');
    expect(interview.pages.some((page) => page.kind === 'repeat')).toBe(false);
    ask(interview, 'agreed').choose('1');
    await nextTick();
    expect(rows(interview)).toEqual([
      { name: 'Trẻ Một, tức "Tí"', known: true },
      { name: 'Trẻ Hai', known: true },
    ]);
    expect([0, 1].map((nth) => ask(interview, 'name', nth).value)).toEqual(['Trẻ Một, tức "Tí"', 'Trẻ Hai']);
  });

  it('updates the same entities, over the version that was shown', async () => {
    const interview = await open();
    interview.chooseHousehold('h1');
    ask(interview, 'agreed').choose('1');
    ask(interview, 'name', 1).setText('Trẻ Hai Sửa');
    const xml = interview.snapshot().xml;
    const entities = [...xml.matchAll(/<entity ([^>]*)>/g)].map((m) => m[1] ?? '');
    expect(entities.map((text) => /id="([^"]*)"/.exec(text)?.[1])).toEqual(['h1', 'c1', 'c2']);
    expect(entities.map((text) => /baseVersion="([^"]*)"/.exec(text)?.[1])).toEqual(['3', '2', '2']);
    expect(entities.every((text) => text.includes('create="false"') && text.includes('update="true"'))).toBe(true);
  });

  it('keeps corrections and the version they were made over when the lists change under a draft', async () => {
    const interview = await open();
    interview.chooseHousehold('h1');
    ask(interview, 'agreed').choose('1');
    ask(interview, 'name', 1).setText('Trẻ Hai Sửa');
    const newer: Lists = { households: [house('h1', '7', { version: 9 })], children: [child('c9', 'h1', 'Trẻ Chín')] };
    const again = await open(withKnown(newer, knownOf(LISTS, 'h1')), interview.snapshot());
    expect(rows(again).map(({ name }) => name)).toEqual(['Trẻ Một, tức "Tí"', 'Trẻ Hai Sửa']);
    expect(again.snapshot().xml).toContain('baseVersion="3"');
  });

  it('leaves a new household as it was: one empty row, nothing known', async () => {
    const interview = await open();
    ask(interview, 'agreed').choose('1');
    expect(rows(interview)).toEqual([{ name: '', known: false }]);
    expect(interview.householdId).toBe('');
  });
});

describe('the lists on the phone', () => {
  beforeEach(wipeLists);

  it('are kept with their cursor and wiped together', async () => {
    await applyChanges(told(), 'p1');
    expect((await readLists()).children).toHaveLength(3);
    expect(await readSetting('known_cursor')).toBe('5.aaaaaaaa');
    await wipeLists();
    expect(await readLists()).toEqual({ households: [], children: [] });
    expect(await readSetting('known_cursor')).toBeUndefined();
  });

  it('take a household with its children in the place of what they had', async () => {
    await applyChanges(told(), 'p1');
    const changed = { full: false, households: [house('h1', '8', { version: 4 })], children: [child('c1', 'h1', 'Trẻ Một')] };
    await applyChanges(told({ ...changed, gone: [{ kind: 'household', id: 'h2' }] }), 'p1');
    const lists = await readLists();
    expect(lists.households.map(({ id, version }) => [id, version])).toEqual([['h1', 4]]);
    expect(lists.children.map(({ id }) => id)).toEqual(['c1']);
  });

  it('keep a child that moved to another household of the area', async () => {
    await applyChanges(told(), 'p1');
    const moved = { full: false, households: [house('h1', '7'), house('h2', '12')], gone: [] };
    await applyChanges(told({ ...moved, children: [child('c1', 'h1', 'Trẻ Một'), child('c2', 'h2', 'Trẻ Hai'), child('c3', 'h2', 'Trẻ Ba')] }), 'p1');
    // In the order of names: Ba, Hai, Một.
    expect((await readLists()).children.map((one) => [one.id, one.household_id])).toEqual([
      ['c3', 'h2'],
      ['c2', 'h2'],
      ['c1', 'h1'],
    ]);
  });
});

describe('who is still to be visited', () => {
  const draft = { id: 'r1', state: 'draft', known: knownOf(LISTS, 'h1') } as unknown as StoredRecord;

  it('is told by the round, the result and what waits on this phone', () => {
    const households = [
      house('a', '10', { round: '2025' }),
      house('b', '2', { round: '2026', result: '3' }),
      house('c', '3', { round: '2026', result: '1' }),
      house('h1', '4', { round: '2025' }),
    ];
    const states = visitLines(households, [draft], '2026').map(({ household, state }) => [household.id, state]);
    expect(states).toEqual([
      ['b', 'again'],
      ['c', 'visited'],
      ['h1', 'draft'],
      ['a', 'to-visit'],
    ]);
    const sent = { ...draft, state: 'finished' } as StoredRecord;
    expect(visitLines(households, [sent], '2026')[2]?.state).toBe('waiting');
  });

  it('needs a questionnaire that asks for the household', () => {
    expect(visitForm([{ key: 'a', xml: '<bind nodeset="/d/x" type="string"/>' } as StoredForm])).toBeNull();
    expect(visitForm([{ key: 'b', xml: KNOWN_FORM } as StoredForm])?.key).toBe('b');
  });
});
