// The households of the last round: who is still to be visited in this one. Counted from what the office knows and
// from what waits on this phone.
import type { KnownHousehold, StoredForm, StoredRecord } from './store/db';
import { knownPaths } from './engine/known-paths';

export type VisitState = 'to-visit' | 'again' | 'draft' | 'waiting' | 'visited';

export interface VisitLine {
  readonly household: KnownHousehold;
  readonly state: VisitState;
  /** The interview on this phone, if there is one. */
  readonly recordId: string | null;
}

/** Nobody at home, or an appointment: someone goes there again. */
const AGAIN = new Set(['3', '6']);

export function visitLines(
  households: readonly KnownHousehold[],
  records: readonly StoredRecord[],
  roundId: string | null,
): VisitLine[] {
  return households
    .map((household) => {
      const own = records.find(({ known }) => known?.household.id === household.id);
      return { household, state: stateOf(household, own, roundId), recordId: own?.id ?? null };
    })
    .sort((a, b) => place(a).localeCompare(place(b), 'vi', { numeric: true }));
}

export function isDone({ state }: VisitLine): boolean {
  return state === 'visited' || state === 'waiting';
}

/** The questionnaire that asks which household of the last round it is about. */
export function visitForm(forms: readonly StoredForm[]): StoredForm | null {
  return forms.find(({ xml }) => knownPaths(xml).household !== null) ?? null;
}

function stateOf(household: KnownHousehold, own: StoredRecord | undefined, roundId: string | null): VisitState {
  if (own) return own.state === 'draft' ? 'draft' : 'waiting';
  if (roundId === null || household.round !== roundId) return 'to-visit';
  return AGAIN.has(household.result ?? '') ? 'again' : 'visited';
}

function place({ household }: VisitLine): string {
  const { village = '', number = '' } = household.properties;
  return `${village} ${number}`;
}
