// Numbers as people type them: comma or point for the fraction, never a guess about thousands.

export type ParsedNumber = { readonly value: string } | { readonly problem: 'not-number' | 'not-whole' };

export function parseInteger(typed: string): ParsedNumber {
  const text = typed.trim();
  if (text === '' || /^-?\d{1,15}$/.test(text)) return { value: text };
  return { problem: /^-?\d+[.,]\d+$/.test(text) ? 'not-whole' : 'not-number' };
}

export function parseDecimal(typed: string): ParsedNumber {
  const text = typed.trim().replace(',', '.');
  if (text === '') return { value: '' };
  if (!/^-?(\d{1,12}(\.\d{0,9})?|\.\d{1,9})$/.test(text)) return { problem: 'not-number' };
  return { value: String(Number(text)) };
}

/** The stored form has a point; people here write a comma. */
export function showDecimal(stored: string, language: 'vi' | 'en'): string {
  const plain = stored.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
  return language === 'vi' ? plain.replace('.', ',') : plain;
}
