// Search without tone marks: "luong van tri" finds "Lương Văn Tri", however the text was composed.

export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** Every word typed must start some word of the text; better places first, the given order otherwise. */
export function search<Item>(items: readonly Item[], typed: string, textOf: (item: Item) => string): Item[] {
  const wanted = fold(typed).split(' ').filter(Boolean);
  if (wanted.length === 0) return [...items];
  const matches = items.flatMap((item) => {
    const rank = rankOf(fold(textOf(item)), wanted);
    return rank === null ? [] : [{ item, rank }];
  });
  return matches.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
}

function rankOf(text: string, wanted: readonly string[]): number | null {
  const parts = text.split(/[\s,.;:/()-]+/);
  if (text.startsWith(wanted.join(' '))) return 0;
  if (wanted.every((word) => parts.some((part) => part.startsWith(word)))) return 1;
  return wanted.every((word) => text.includes(word)) ? 2 : null;
}
