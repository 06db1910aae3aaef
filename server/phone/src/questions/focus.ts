// Brings a question into view and puts the cursor, or the screen reader, on it.

export function focusQuestion(id: string): void {
  const box = document.getElementById(id);
  if (!box) return;
  box.scrollIntoView({ block: 'start' });
  const control = box.querySelector<HTMLElement>('input, textarea, select, button');
  (control ?? box).focus({ preventScroll: true });
}
