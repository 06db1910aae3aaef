// Dates as separate parts, as people say them; a part that is not known stays empty only where the form allows it.

export type DatePrecision = 'date' | 'month' | 'year';

export interface DateParts {
  readonly day: string;
  readonly month: string;
  readonly year: string;
}

export type ParsedDate = { readonly value: string } | { readonly problem: 'not-date' };

const EMPTY: DateParts = { day: '', month: '', year: '' };

export function splitDate(stored: string): DateParts {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(stored);
  if (!match) return EMPTY;
  return { year: match[1] as string, month: String(Number(match[2])), day: String(Number(match[3])) };
}

/** A date with a month and year is kept as its first day, one with only a year as its first of January, as ODK does. */
export function joinDate(parts: DateParts, precision: DatePrecision): ParsedDate {
  const wanted = [parts.year, precision === 'year' ? '' : parts.month, precision === 'date' ? parts.day : ''];
  const needed = precision === 'date' ? 3 : precision === 'month' ? 2 : 1;
  const filled = wanted.filter((part) => part.trim() !== '').length;
  if (filled === 0) return { value: '' };
  const [year, month, day] = wanted.map((part) => (part.trim() === '' ? 1 : wholeNumber(part))) as [number, number, number];
  if (filled < needed || !isDate(year, month, day)) return { problem: 'not-date' };
  return { value: `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}` };
}

export function isDate(year: number, month: number, day: number): boolean {
  if (![year, month, day].every(Number.isInteger) || year < 1000 || year > 9999) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export function splitTime(stored: string): { hour: string; minute: string } {
  const match = /(?:^|T)(\d{2}):(\d{2})/.exec(stored);
  return match ? { hour: match[1] as string, minute: match[2] as string } : { hour: '', minute: '' };
}

export function joinTime(hour: string, minute: string, offsetMinutes: number): ParsedDate {
  if (hour.trim() === '' && minute.trim() === '') return { value: '' };
  const [h, m] = [wholeNumber(hour), minute.trim() === '' ? 0 : wholeNumber(minute)];
  const good = Number.isInteger(h) && Number.isInteger(m) && h >= 0 && h < 24 && m >= 0 && m < 60;
  return good ? { value: `${pad(h, 2)}:${pad(m, 2)}:00.000${offset(offsetMinutes)}` } : { problem: 'not-date' };
}

/** As Date.getTimezoneOffset gives it: minutes behind UTC, so Hà Nội is -420. */
function offset(minutes: number): string {
  const ahead = -minutes;
  const size = Math.abs(ahead);
  return `${ahead < 0 ? '-' : '+'}${pad(Math.floor(size / 60), 2)}:${pad(size % 60, 2)}`;
}

function wholeNumber(text: string): number {
  return /^\s*\d{1,4}\s*$/.test(text) ? Number(text) : Number.NaN;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
