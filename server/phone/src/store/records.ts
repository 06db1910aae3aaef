// Interviews on this phone: draft, finished, being sent, refused; and the receipts of those received.
import { database } from './db';
import type { Receipt, RecordState, StoredFile, StoredRecord } from './db';

export async function allRecords(): Promise<StoredRecord[]> {
  const records = await (await database()).getAll('records');
  return records.sort((a, b) => b.savedAt.localeCompare(a.savedAt));
}

export async function readRecord(id: string): Promise<StoredRecord | undefined> {
  return (await database()).get('records', id);
}

export async function recordFiles(id: string): Promise<File[]> {
  const stored = await (await database()).getAllFromIndex('files', 'record', id);
  return stored.map(({ name, type, bytes }) => new File([bytes], name, { type }));
}

/** Bytes are read before the transaction opens: IndexedDB closes one that waits for anything else. */
export async function storedFiles(recordId: string, files: readonly File[]): Promise<StoredFile[]> {
  return Promise.all(
    files.map(async (file) => ({ recordId, name: file.name, type: file.type, bytes: await file.arrayBuffer() })),
  );
}

/**
 * Saves answers and any new files together. Files already stored are left alone: the engine does not
 * give back files it did not change, and a draft must not lose its photo for that.
 */
export async function saveRecord(record: StoredRecord, newFiles: readonly StoredFile[]): Promise<void> {
  const tx = (await database()).transaction(['records', 'files'], 'readwrite');
  void tx.objectStore('records').put(record);
  for (const file of newFiles) void tx.objectStore('files').put(file);
  await tx.done;
}

/** Finishing is the moment to forget files that the answers no longer mention. */
export async function keepOnlyMentioned(record: StoredRecord): Promise<void> {
  const tx = (await database()).transaction('files', 'readwrite');
  for (const key of await tx.store.index('record').getAllKeys(record.id)) {
    if (!mentions(record.xml, key[1])) await tx.store.delete(key);
  }
  await tx.done;
}

export function mentions(xml: string, fileName: string): boolean {
  return xml.includes(`>${fileName}</`);
}

export async function setState(id: string, state: RecordState, problem: string | null = null): Promise<void> {
  const tx = (await database()).transaction('records', 'readwrite');
  const record = await tx.store.get(id);
  if (record) await tx.store.put({ ...record, state, problem, tries: record.tries + (state === 'sending' ? 1 : 0) });
  await tx.done;
}

export async function deleteRecord(id: string): Promise<void> {
  const tx = (await database()).transaction(['records', 'files'], 'readwrite');
  await tx.objectStore('records').delete(id);
  await dropFiles(tx.objectStore('files'), id);
  await tx.done;
}

/** The server has it: answers and files go, a line saying so stays. One transaction, or the line could be missing. */
export async function turnIntoReceipt(id: string, receivedAt: string, message: string): Promise<void> {
  const tx = (await database()).transaction(['records', 'files', 'receipts'], 'readwrite');
  const record = await tx.objectStore('records').get(id);
  if (record) {
    const { personId, formTitle, label, finishedAt } = record;
    await tx.objectStore('receipts').put({ id, personId, formTitle, label, finishedAt, receivedAt, message });
    await tx.objectStore('records').delete(id);
    await dropFiles(tx.objectStore('files'), id);
  }
  await tx.done;
}

export async function allReceipts(): Promise<Receipt[]> {
  const receipts = await (await database()).getAll('receipts');
  return receipts.sort((a, b) => b.receivedAt.localeCompare(a.receivedAt));
}

interface FileStore {
  index(name: 'record'): { getAllKeys(id: string): Promise<[string, string][]> };
  delete?(key: [string, string]): Promise<void>;
}

async function dropFiles(files: FileStore, id: string): Promise<void> {
  for (const key of await files.index('record').getAllKeys(id)) await files.delete?.(key);
}
