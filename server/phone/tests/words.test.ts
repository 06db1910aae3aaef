import { expect, it } from 'vitest';
import { en } from '../src/words/en';
import { shortTime } from '../src/words';
import { vi } from '../src/words/vi';

type Tree = { readonly [key: string]: unknown };

function leaves(tree: Tree, path = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value as Tree, `${path}${key}.`)
      : [[`${path}${key}`, value] as [string, unknown]],
  );
}

it('says the same things in both languages', () => {
  expect(leaves(en).map(([key]) => key).sort()).toEqual(leaves(vi).map(([key]) => key).sort());
  for (const [key, value] of leaves(vi)) {
    const other = Object.fromEntries(leaves(en))[key];
    expect([key, typeof other]).toEqual([key, typeof value]);
    if (typeof value === 'function') expect([key, (other as () => void).length]).toEqual([key, value.length]);
  }
});

it('is composed text without empty sentences', () => {
  for (const [key, value] of [...leaves(vi), ...leaves(en)]) {
    const text = typeof value === 'function' ? String((value as (...args: unknown[]) => string)(2, 3, 4)) : String(value);
    expect([key, text]).toEqual([key, text.normalize('NFC')]);
    expect([key, text.trim()]).not.toEqual([key, '']);
  }
});

it('never says only that an error occurred', () => {
  const all = leaves(vi).map(([, value]) => String(value)).join('\n');
  expect(all).not.toMatch(/đã xảy ra lỗi/i);
  expect(all).not.toMatch(/đối tượng/i);
});

it('writes times as people here do', () => {
  const now = new Date(2026, 1, 5, 18, 0);
  expect(shortTime(new Date(2026, 1, 5, 9, 5).toISOString(), now)).toBe('09:05');
  expect(shortTime(new Date(2026, 0, 31, 9, 5).toISOString(), now)).toBe('09:05 31/01');
  expect(shortTime(new Date(2025, 11, 31, 9, 5).toISOString(), now)).toBe('09:05 31/12/2025');
});
