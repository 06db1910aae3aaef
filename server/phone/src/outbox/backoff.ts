// Waits between automatic tries: 15 s, doubling to at most 15 minutes; any success or new reason starts over.

const FIRST = 15_000;
const LONGEST = 15 * 60_000;

export function nextWait(tries: number): number {
  return Math.min(FIRST * 2 ** Math.max(0, tries), LONGEST);
}
