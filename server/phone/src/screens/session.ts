// One interview being filled in: opens or restores it, saves it soon after each answer, and finishes it.
import { ref, shallowRef, watch } from 'vue';
import type { Ref } from 'vue';
import { app, refresh } from '../app';
import { openInterview } from '../engine/interview';
import type { Interview } from '../engine/interview';
import { mediaText, readForm } from '../store/forms';
import { deleteRecord, keepOnlyMentioned, readRecord, recordFiles, saveRecord, storedFiles } from '../store/records';
import type { Known, StoredFile, StoredForm, StoredRecord } from '../store/db';
import { flushTyping } from '../questions/typing';
import { language } from '../words';
import { knownOf, listText, readLists, withKnown } from '../store/known';
import type { Lists } from '../store/known';
import { NEW, newParts, startedAs } from './new';

/** Together with the pause after a key press, at most 400 ms of typing can be lost to a kill. */
const SAVE_AFTER = 200;

export type SaveState =
  | { readonly kind: 'saved'; readonly at: string }
  | { readonly kind: 'saving' }
  | { readonly kind: 'failed'; readonly noRoom: boolean };

export type OpenFailure =
  | { readonly kind: 'gone' | 'form-gone' | 'elsewhere' }
  | { readonly kind: 'broken'; readonly detail: string };

export class Session {
  readonly saveState: Ref<SaveState>;
  readonly doneRows = shallowRef<ReadonlySet<string>>(new Set());
  private timer: ReturnType<typeof setTimeout> | undefined;
  private saving: Promise<void> = Promise.resolve();
  private readonly storedNames: Set<string>;
  private page: string;
  private closed = false;
  private readonly untouched: number;
  private readonly stops: (() => void)[] = [];

  constructor(
    readonly interview: Interview,
    private record: StoredRecord,
    files: readonly File[],
    private readonly lists: Lists,
    private readonly unlock: () => void,
    private readonly fresh = false,
  ) {
    this.saveState = ref<SaveState>({ kind: 'saved', at: record.savedAt });
    this.storedNames = new Set(files.map(({ name }) => name));
    this.page = record.page;
    this.untouched = interview.changes.value;
    this.doneRows.value = idsOf(interview, record.doneRows);
    this.stops.push(watch(interview.changes, () => this.saveSoon()));
    this.stops.push(watch(language, (code) => interview.setLanguage(code)));
    interview.setLanguage(language.value);
    this.saveWhenHidden();
  }

  get id(): string {
    return this.record.id;
  }

  /** The page last looked at: where a resumed interview opens, and where the finish screen leads back to. */
  get lastPage(): string {
    return this.page;
  }

  atPage(key: string): void {
    if (key === this.page) return;
    this.page = key;
    this.saveSoon();
  }

  rowDone(id: string): void {
    if (this.doneRows.value.has(id)) return;
    this.doneRows.value = new Set([...this.doneRows.value, id]);
    this.saveSoon();
  }

  /** Counted from the first change that is not kept yet: quick hands must not put the saving off. */
  saveSoon(): void {
    if (this.closed) return;
    this.timer ??= setTimeout(() => void this.saveNow(), SAVE_AFTER);
  }

  /** Writes follow one another, so that an older one can never land on top of a newer one. */
  saveNow(): Promise<void> {
    flushTyping();
    clearTimeout(this.timer);
    this.timer = undefined;
    this.saving = this.saving.then(() => this.write());
    return this.saving;
  }

  async finish(): Promise<void> {
    clearTimeout(this.timer);
    await this.saving;
    const { xml, files } = await this.interview.finish();
    const finishedAt = new Date().toISOString();
    this.record = { ...this.current(xml), state: 'finished', finishedAt, savedAt: finishedAt, problem: null };
    await saveRecord(this.record, await this.unstored(files));
    await keepOnlyMentioned(this.record);
    this.closed = true;
  }

  async close(): Promise<void> {
    for (const stop of this.stops) stop();
    if (!this.closed) await this.keepOrForget();
    this.closed = true;
    this.unlock();
    await refresh();
  }

  /** Opened and left without an answer: nothing to keep, and no empty line in the list. */
  private async keepOrForget(): Promise<void> {
    flushTyping();
    await this.saveNow();
    if (this.fresh && this.interview.changes.value === this.untouched) await deleteRecord(this.id);
  }

  private async write(): Promise<void> {
    if (this.closed) return;
    if (this.saveState.value.kind === 'failed') this.saveState.value = { kind: 'saving' };
    try {
      const { xml, files } = this.interview.snapshot();
      this.record = this.current(xml);
      await saveRecord(this.record, await this.unstored(files));
      for (const { name } of files) this.storedNames.add(name);
      this.saveState.value = { kind: 'saved', at: this.record.savedAt };
    } catch (error) {
      const noRoom = error instanceof DOMException && error.name === 'QuotaExceededError';
      this.saveState.value = { kind: 'failed', noRoom };
    }
  }

  private current(xml: string): StoredRecord {
    return {
      ...this.record,
      xml,
      label: this.interview.title,
      page: this.page,
      doneRows: referencesOf(this.interview, this.doneRows.value),
      savedAt: new Date().toISOString(),
      known: this.known(),
    };
  }

  /** Kept from the moment a household is chosen: what the person saw is what the answers were given over. */
  private known(): Known | null {
    const id = this.interview.householdId;
    if (!id) return null;
    return this.record.known?.household.id === id ? this.record.known : knownOf(this.lists, id);
  }

  private unstored(files: readonly File[]): Promise<StoredFile[]> | StoredFile[] {
    const fresh = files.filter(({ name }) => !this.storedNames.has(name));
    return fresh.length === 0 ? [] : storedFiles(this.id, fresh);
  }

  private saveWhenHidden(): void {
    const now = (): void => {
      if (document.visibilityState === 'hidden') void this.saveNow();
    };
    const leaving = (): void => void this.saveNow();
    document.addEventListener('visibilitychange', now);
    window.addEventListener('pagehide', leaving);
    this.stops.push(() => document.removeEventListener('visibilitychange', now));
    this.stops.push(() => window.removeEventListener('pagehide', leaving));
  }
}

export async function openSession(id: string): Promise<Session | OpenFailure> {
  const unlock = await lockRecord(id);
  if (!unlock) return { kind: 'elsewhere' };
  const opened = await (id.startsWith(NEW) ? beginRecord(id, unlock) : resumeRecord(id, unlock));
  if (!(opened instanceof Session)) unlock();
  return opened;
}

async function beginRecord(id: string, unlock: () => void): Promise<Session | OpenFailure> {
  const { formKey, householdId } = newParts(id);
  const form = await readForm(formKey);
  if (!form) return { kind: 'form-gone' };
  const lists = await readLists();
  const interview = await open(form, lists);
  if (!('snapshot' in interview)) return interview;
  if (householdId) interview.chooseHousehold(householdId);
  const now = new Date().toISOString();
  const record: StoredRecord = {
    id: interview.instanceId,
    personId: app.session?.person.id ?? '',
    personName: app.session?.person.name ?? '',
    formKey: form.key,
    formTitle: form.title,
    state: 'draft',
    xml: interview.snapshot().xml,
    label: interview.title,
    page: '',
    known: knownOf(lists, interview.householdId),
    doneRows: [],
    createdAt: now,
    savedAt: now,
    finishedAt: null,
    tries: 0,
    problem: null,
  };
  // On the disk and under its own address from the start, so that a reload comes back to it.
  await saveRecord(record, []);
  const both = await lockRecord(record.id);
  startedAs.set(record.id, id);
  const release = (): void => {
    unlock();
    both?.();
  };
  return new Session(interview, record, [], lists, release, true);
}

async function resumeRecord(id: string, unlock: () => void): Promise<Session | OpenFailure> {
  const record = await readRecord(id);
  if (!record || record.state !== 'draft') return { kind: 'gone' };
  const form = await readForm(record.formKey);
  if (!form) return { kind: 'form-gone' };
  const files = await recordFiles(id);
  const lists = withKnown(await readLists(), record.known);
  const interview = await open(form, lists, { xml: record.xml, files });
  return 'snapshot' in interview ? new Session(interview, record, files, lists, unlock) : interview;
}

async function open(
  form: StoredForm,
  lists: Lists,
  saved?: { xml: string; files: File[] },
): Promise<Interview | OpenFailure> {
  try {
    const files = {
      xml: form.xml,
      media: async (name: string) => (await mediaText(form, name)) ?? listText(lists, name),
      childrenOf: (id: string) =>
        lists.children
          .filter((child) => child.household_id === id && child.properties.status === 'here')
          .map((child) => child.id),
    };
    return await openInterview(files, { deviceId: app.device, name: app.session?.person.name ?? '' }, saved);
  } catch (error) {
    return { kind: 'broken', detail: describe(error) };
  }
}

/** The engine wraps what went wrong, sometimes in an error without words. */
function describe(error: unknown): string {
  const said = error instanceof Error ? error.message || (error.cause ? describe(error.cause) : error.name) : String(error);
  return error instanceof AggregateError ? [said, ...error.errors.map(describe)].join('\n') : said;
}

/** Two windows on one interview would overwrite each other; one that is just being left is waited for. */
async function lockRecord(id: string): Promise<(() => void) | null> {
  const { locks } = navigator;
  if (!locks) return () => undefined;
  return new Promise((resolve) => {
    const hold = (): Promise<void> => new Promise((release) => resolve(release));
    locks.request(`mangnon-record-${id}`, { signal: AbortSignal.timeout(2000) }, hold).catch(() => resolve(null));
  });
}

function idsOf(interview: Interview, references: readonly string[]): Set<string> {
  const wanted = new Set(references);
  return new Set(members(interview).filter(({ reference }) => wanted.has(reference)).map(({ id }) => id));
}

function referencesOf(interview: Interview, ids: ReadonlySet<string>): string[] {
  return members(interview).filter(({ id }) => ids.has(id)).map(({ reference }) => reference);
}

function members(interview: Interview): { id: string; reference: string }[] {
  return interview.pages.flatMap((page) => (page.kind === 'repeat' ? page.repeat.members : []));
}

