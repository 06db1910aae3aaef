import { describe, expect, it } from 'vitest';
import { randomUUID } from '../src/engine/random-uuid';
import { isDate, joinDate, joinTime, splitDate, splitTime } from '../src/questions/dates';
import { fold, search } from '../src/questions/folding';
import { callable, toneOf } from '../src/questions/notes';
import { parseDecimal, parseInteger, showDecimal } from '../src/questions/numbers';
import { fit } from '../src/questions/photo';

describe('search without tone marks', () => {
  it('folds both ways of writing a letter, and đ', () => {
    expect(fold('Lương Văn Đức')).toBe('luong van duc');
    expect(fold('Lương Văn Đức'.normalize('NFD'))).toBe('luong van duc');
    expect(fold('  HOÀNG   Đồng ')).toBe('hoang dong');
  });

  it('finds by the beginnings of words, best first', () => {
    const villages = ['Thôn Tập huấn 1', 'Khối Tập huấn 12', 'Thôn Huấn', 'Khối Đèo Giang'];
    const find = (typed: string): string[] => search(villages, typed, (text) => text);
    expect(find('')).toEqual(villages);
    expect(find('deo')).toEqual(['Khối Đèo Giang']);
    expect(find('khoi 1')).toEqual(['Khối Tập huấn 12']);
    expect(find('thôn h')).toEqual(['Thôn Huấn', 'Thôn Tập huấn 1']);
    expect(find('xyz')).toEqual([]);
  });
});

describe('numbers as they are typed', () => {
  it.each([['1,5', '1.5'], ['1.5', '1.5'], [' 12 ', '12'], ['0', '0'], ['', ''], [',5', '0.5'], ['2,', '2'], ['-3,25', '-3.25']])('%j is %j', (typed, value) => {
    expect(parseDecimal(typed)).toEqual({ value });
  });

  it.each(['1.000,5', '1,5 giờ', 'mười', '1,,5', '--1'])('%j is no number', (typed) => {
    expect(parseDecimal(typed)).toEqual({ problem: 'not-number' });
  });

  it('wants whole numbers where the form does', () => {
    expect(parseInteger('12')).toEqual({ value: '12' });
    expect(parseInteger('12,5')).toEqual({ problem: 'not-whole' });
    expect(parseInteger('12a')).toEqual({ problem: 'not-number' });
  });

  it('shows the engine’s 2.0 as 2', () => {
    expect(showDecimal('2.0', 'vi')).toBe('2');
    expect(showDecimal('2.50', 'vi')).toBe('2,5');
    expect(showDecimal('100', 'en')).toBe('100');
    expect(showDecimal('', 'vi')).toBe('');
  });
});

describe('dates in parts', () => {
  it('refuses days that are not in the calendar', () => {
    expect(isDate(2026, 2, 31)).toBe(false);
    expect(isDate(2023, 2, 29)).toBe(false);
    expect(isDate(2024, 2, 29)).toBe(true);
    expect(joinDate({ day: '31', month: '2', year: '2026' }, 'date')).toEqual({ problem: 'not-date' });
    expect(joinDate({ day: '1', month: '13', year: '2026' }, 'date')).toEqual({ problem: 'not-date' });
  });

  it('wants as many parts as the form asks for', () => {
    expect(joinDate({ day: '5', month: '2', year: '2026' }, 'date')).toEqual({ value: '2026-02-05' });
    expect(joinDate({ day: '', month: '2', year: '2026' }, 'date')).toEqual({ problem: 'not-date' });
    expect(joinDate({ day: '', month: '2', year: '2026' }, 'month')).toEqual({ value: '2026-02-01' });
    expect(joinDate({ day: '', month: '', year: '2026' }, 'year')).toEqual({ value: '2026-01-01' });
    expect(joinDate({ day: '', month: '', year: '' }, 'date')).toEqual({ value: '' });
    expect(joinDate({ day: '5', month: '2', year: '26' }, 'date')).toEqual({ problem: 'not-date' });
  });

  it('takes stored dates and times apart again', () => {
    expect(splitDate('2026-02-05')).toEqual({ day: '5', month: '2', year: '2026' });
    expect(splitTime('2026-02-05T14:30:00.000+07:00')).toEqual({ hour: '14', minute: '30' });
    expect(splitTime('08:05:00.000+07:00')).toEqual({ hour: '08', minute: '05' });
  });

  it('keeps the phone’s offset with a time', () => {
    expect(joinTime('8', '5', -420)).toEqual({ value: '08:05:00.000+07:00' });
    expect(joinTime('24', '0', -420)).toEqual({ problem: 'not-date' });
    expect(joinTime('', '', -420)).toEqual({ value: '' });
  });
});

describe('notes', () => {
  it('are loud only when a child is in danger', () => {
    expect(toneOf('KHẨN CẤP. Gọi ngay Tổng đài 111.')).toBe('urgent');
    expect(toneOf('URGENT. Call 111 now.')).toBe('urgent');
    expect(toneOf('Lưu ý: độ chính xác kém.')).toBe('caution');
    expect(toneOf('A. Đọc cho người trả lời nghe.')).toBe('plain');
    expect(toneOf('Tổng số giờ: 12')).toBe('plain');
  });

  it('give their telephone numbers', () => {
    expect(callable('Gọi 111. Cán bộ: 0205 000 111. Công an: 113. Năm 2026, 1113 hộ.')).toEqual(['111', '0205 000 111', '113']);
  });
});

it('fits a photo to its longest side and never makes it larger', () => {
  expect(fit(4000, 3000, 1600)).toEqual({ width: 1600, height: 1200 });
  expect(fit(800, 600, 1600)).toEqual({ width: 800, height: 600 });
});

it('makes ids of the usual shape, each another', () => {
  const ids = Array.from({ length: 50 }, randomUUID);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(ids).size).toBe(50);
});
