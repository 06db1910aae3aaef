// Text on its way from the keyboard to the form, which recalculates itself with every change.
import { onBeforeUnmount, ref, watch } from 'vue';
import type { Ref } from 'vue';

/** With the pause before saving, at most 400 ms of typing can be lost to a kill. */
const PAUSE = 150;
const pending = new Set<() => void>();

/** Before a page is judged, saved or left, everything typed must be in the form. */
export function flushTyping(): void {
  for (const commit of [...pending]) commit();
}

export interface Typed {
  readonly text: Ref<string>;
  readonly typed: (event: Event) => void;
}

/** A phone that keeps up gets each key at once; a slow one gets them together after a short pause. */
const FAST = 25;

export function useTyped(current: () => string, write: (text: string) => void): Typed {
  const text = ref(current());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cost = 0;
  /** What the form made of the last key ("2" becomes "2.0"): it must not be put back under the person's fingers. */
  let echo: string | null = null;

  function commit(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!pending.delete(commit)) return;
    const began = performance.now();
    write(text.value);
    echo = current();
    cost = performance.now() - began;
  }

  function typed(event: Event): void {
    text.value = (event.target as HTMLInputElement).value;
    pending.add(commit);
    if (cost < FAST) commit();
    else timer ??= setTimeout(commit, PAUSE);
  }

  watch(current, (value) => {
    if (!pending.has(commit) && value !== echo) text.value = value;
    echo = null;
  });
  onBeforeUnmount(commit);
  return { text, typed };
}
