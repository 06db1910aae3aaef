// The language in use, and how dates, times and numbers are written in it.
import { computed, ref } from 'vue';
import { en } from './en';
import { vi } from './vi';
import type { Words } from './vi';

export type LanguageCode = 'vi' | 'en';

export const language = ref<LanguageCode>('vi');

const words = computed<Words>(() => (language.value === 'vi' ? vi : en));

export function useWords(): typeof words {
  return words;
}

/** 14:30 today, 05/02 14:30 this year, 05/02/2025 14:30 before. */
export function shortTime(iso: string, now = new Date()): string {
  const then = new Date(iso);
  const clock = `${two(then.getHours())}:${two(then.getMinutes())}`;
  if (then.toDateString() === now.toDateString()) return clock;
  const day = `${two(then.getDate())}/${two(then.getMonth() + 1)}`;
  return then.getFullYear() === now.getFullYear() ? `${clock} ${day}` : `${clock} ${day}/${then.getFullYear()}`;
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(language.value === 'vi' ? 'vi-VN' : 'en-GB', { maximumFractionDigits: 2 }).format(value);
}

export function formatSize(bytes: number): string {
  if (bytes < 1_000_000) return `${formatNumber(Math.max(1, Math.round(bytes / 1000)))} kB`;
  if (bytes < 1_000_000_000) return `${formatNumber(Math.round(bytes / 100_000) / 10)} MB`;
  return `${formatNumber(Math.round(bytes / 100_000_000) / 10)} GB`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
