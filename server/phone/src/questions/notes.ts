// How loud a note is. Forms have no markup for it; ours begin with a word in capitals when a child is in danger,
// and with "Lưu ý" or "Please note" when the interviewer should look again.

export type NoteTone = 'urgent' | 'caution' | 'plain';

export function toneOf(text: string): NoteTone {
  const opening = /^[\s*_#]*([\p{L}][\p{L} ]*)/u.exec(text)?.[1]?.trim() ?? '';
  if (opening.length >= 5 && opening === opening.toUpperCase()) return 'urgent';
  return /^(lưu ý|please note|chú ý)/i.test(opening.normalize('NFC')) ? 'caution' : 'plain';
}

/** Emergency numbers and ordinary Vietnamese ones, in the order they are written. */
export function callable(text: string): string[] {
  const found = text.match(/(?<!\d)(11[1-5]|0\d{1,3}(?:[ .]?\d{2,4}){2,3})(?!\d)/g) ?? [];
  return [...new Set(found)];
}
