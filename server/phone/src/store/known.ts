// The households and children of the last round in the collaborator's area. They are the signed-in person's alone:
// signing out wipes them, and another person's never mix with them.
import { database } from './db';
import type { Known, KnownChild, KnownEntry, KnownHousehold } from './db';

export interface Lists {
  readonly households: readonly KnownHousehold[];
  readonly children: readonly KnownChild[];
}

export interface Changes {
  readonly cursor: string;
  readonly full: boolean;
  readonly households: readonly KnownHousehold[];
  readonly children: readonly KnownChild[];
  readonly gone: readonly { readonly kind: 'household' | 'child'; readonly id: string }[];
}

const STORES = ['households', 'children', 'settings'] as const;

export async function readLists(): Promise<Lists> {
  const db = await database();
  const [households, children] = await Promise.all([db.getAll('households'), db.getAll('children')]);
  return { households, children: children.sort((a, b) => a.label.localeCompare(b.label, 'vi')) };
}

/** All of it or nothing: a cursor never stands for changes that are not on the disk. */
export async function applyChanges(changes: Changes, personId: string): Promise<void> {
  const tx = (await database()).transaction(STORES, 'readwrite');
  const households = tx.objectStore('households');
  const children = tx.objectStore('children');
  if (changes.full) await Promise.all([households.clear(), children.clear()]);
  const replaced = [...changes.households.map(({ id }) => id), ...changes.gone.map(({ id }) => id)];
  for (const id of replaced) {
    for (const key of await children.index('household').getAllKeys(id)) await children.delete(key);
  }
  for (const { kind, id } of changes.gone) await (kind === 'household' ? households : children).delete(id);
  for (const household of changes.households) await households.put(household);
  for (const child of changes.children) await children.put(child);
  await tx.objectStore('settings').put(changes.cursor, 'known_cursor');
  await tx.objectStore('settings').put(personId, 'known_for');
  await tx.done;
}

export async function wipeLists(): Promise<void> {
  const tx = (await database()).transaction(STORES, 'readwrite');
  await Promise.all([
    tx.objectStore('households').clear(),
    tx.objectStore('children').clear(),
    tx.objectStore('settings').delete('known_cursor'),
    tx.objectStore('settings').delete('known_for'),
  ]);
  await tx.done;
}

export function knownOf(lists: Lists, householdId: string): Known | null {
  const household = lists.households.find(({ id }) => id === householdId);
  if (!household) return null;
  return { household, children: lists.children.filter((child) => child.household_id === householdId) };
}

/** The lists with one household as it stood when its interview began. */
export function withKnown(lists: Lists, known: Known | null | undefined): Lists {
  if (!known) return lists;
  const { household, children } = known;
  const kept = new Set(children.map(({ id }) => id));
  return {
    households: [...lists.households.filter(({ id }) => id !== household.id), household],
    children: [
      ...lists.children.filter((child) => child.household_id !== household.id && !kept.has(child.id)),
      ...children,
    ],
  };
}

/** "household.csv" or "child.csv" as the server writes it for ODK Collect; null for any other name. */
export function listText(lists: Lists, name: string): string | null {
  if (name === 'household.csv') return csv(lists.households, HOUSEHOLD);
  return name === 'child.csv' ? csv(lists.children, CHILD) : null;
}

const HOUSEHOLD = ['ward', 'village', 'number', 'head_name'];
const CHILD = ['household', 'full_name', 'sex', 'birth_year', 'birth_month', 'birth_day', 'status'];

function csv(entries: readonly KnownEntry[], columns: readonly string[]): string {
  const rows = entries.map(({ id, label, version, properties }) => [
    id,
    label,
    String(version),
    ...columns.map((column) => properties[column] ?? ''),
  ]);
  return [['name', 'label', '__version', ...columns], ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
