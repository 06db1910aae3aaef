// The way through an interview: where "next" and "back" lead, and how far each row of a repeat has come.
// Plain functions over the list of pages, so that they can be tested without a screen.
import type { Member, Page, QuestionPage, RepeatPage } from '../engine/pages';
import type { Question } from '../engine/question';

export type RowState = { readonly kind: 'new' | 'partial' | 'done' } | { readonly kind: 'missing'; readonly count: number };

export interface Progress {
  readonly part: number;
  readonly of: number;
  readonly fraction: number;
}

export function questionsOf(page: Page): readonly Question[] {
  return page.kind === 'questions' ? page.blocks.flatMap(({ questions }) => questions).filter((q) => q.relevant) : [];
}

export function invalidOn(page: Page): readonly Question[] {
  return questionsOf(page).filter((question) => !question.valid);
}

export function pagesOfRow(pages: readonly Page[], rowId: string): readonly Page[] {
  return pages.filter((page) => page.rows.some(({ id }) => id === rowId));
}

export function rowState(pages: readonly Page[], rowId: string, done: ReadonlySet<string>): RowState {
  const own = pagesOfRow(pages, rowId);
  const missing = own.reduce((sum, page) => sum + invalidOn(page).length, 0);
  if (done.has(rowId)) return missing === 0 ? { kind: 'done' } : { kind: 'missing', count: missing };
  const begun = own.slice(1).some((page) => questionsOf(page).some((question) => question.answered));
  return { kind: begun ? 'partial' : 'new' };
}

/** The last page of a row leads back to its list; a list leads to its next unfinished row, then onward. */
export function nextPage(pages: readonly Page[], page: Page, done: ReadonlySet<string>): Page | null {
  if (page.kind === 'repeat') return nextFromList(pages, page, done);
  const next = pages[indexOf(pages, page) + 1] ?? null;
  const row = page.rows.at(-1);
  const endsRow = row !== undefined && !next?.rows.some(({ id }) => id === row.id);
  return (endsRow ? listOf(pages, page) : null) ?? next;
}

export function nextMember(pages: readonly Page[], page: RepeatPage, done: ReadonlySet<string>): Member | null {
  return page.repeat.members.find(({ id }) => rowState(pages, id, done).kind !== 'done') ?? null;
}

function nextFromList(pages: readonly Page[], page: RepeatPage, done: ReadonlySet<string>): Page | null {
  const member = nextMember(pages, page, done);
  const first = member && pagesOfRow(pages, member.id)[0];
  return first ?? pageAfterList(pages, page);
}

export function pageAfterList(pages: readonly Page[], list: RepeatPage): Page | null {
  const ids = new Set(list.repeat.members.map(({ id }) => id));
  const after = pages.slice(indexOf(pages, list) + 1).find((page) => !page.rows.some(({ id }) => ids.has(id))) ?? null;
  const row = list.rows.at(-1);
  // The list of jobs may be the last page of a child: then on to the list of children.
  if (row && !after?.rows.some(({ id }) => id === row.id)) return listOf(pages, list);
  return after;
}

export function previousPage(pages: readonly Page[], page: Page): Page | null {
  const index = indexOf(pages, page);
  const before = pages[index - 1] ?? null;
  if (!before) return null;
  const row = page.rows.at(-1);
  if (row && !before.rows.some(({ id }) => id === row.id)) return listOf(pages, page);
  // Coming back over a finished list means coming back to the list, not into its last row.
  const outer = before.rows[page.rows.length];
  if (outer) return pages.find((p) => p.kind === 'repeat' && p.repeat.members.some(({ id }) => id === outer.id)) ?? before;
  return before;
}

export function listOf(pages: readonly Page[], page: Page): RepeatPage | null {
  const row = page.rows.at(-1);
  const found = pages.find((p) => p.kind === 'repeat' && p.repeat.members.some(({ id }) => id === row?.id));
  return (found as RepeatPage | undefined) ?? null;
}

/** The rows that end with this page: leaving it forward means they were gone through. */
export function rowsEndingAt(pages: readonly Page[], page: Page): readonly string[] {
  const next = page.kind === 'repeat' ? pageAfterOwnRows(pages, page) : (pages[indexOf(pages, page) + 1] ?? null);
  const still = new Set(next?.rows.map(({ id }) => id));
  return page.rows.map(({ id }) => id).filter((id) => !still.has(id));
}

function pageAfterOwnRows(pages: readonly Page[], list: RepeatPage): Page | null {
  const ids = new Set(list.repeat.members.map(({ id }) => id));
  return pages.slice(indexOf(pages, list) + 1).find((page) => !page.rows.some(({ id }) => ids.has(id))) ?? null;
}

export function progress(pages: readonly Page[], page: Page, sections: readonly string[]): Progress {
  const part = Math.max(0, sections.indexOf(page.section.id));
  const own = pages.filter(({ section }) => section.id === page.section.id);
  const within = own.length === 0 ? 0 : (indexOf(own, page) + 1) / own.length;
  return { part: part + 1, of: sections.length, fraction: sections.length === 0 ? 0 : (part + within) / sections.length };
}

/** By key: the list of pages is made anew with every answer. */
function indexOf(pages: readonly Page[], page: Page): number {
  return pages.findIndex(({ key }) => key === page.key);
}

export function findPage(pages: readonly Page[], key: string): Page | null {
  return pages.find((page) => page.key === key) ?? null;
}

export function pageOfQuestion(pages: readonly Page[], question: Question): QuestionPage | null {
  const found = pages.find((page) => questionsOf(page).includes(question));
  return found?.kind === 'questions' ? found : null;
}
