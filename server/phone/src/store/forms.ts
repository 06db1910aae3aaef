// The questionnaires on this phone with their lists. A version stays as long as an unsent interview needs it.
import { database } from './db';
import type { StoredForm, StoredMedia } from './db';

export function formKey(formId: string, version: string, hash: string): string {
  return [formId, version, hash].join('|');
}

export async function currentForms(): Promise<StoredForm[]> {
  const all = await (await database()).getAll('forms');
  return all.filter((form) => form.current).sort((a, b) => a.title.localeCompare(b.title, 'vi'));
}

export async function readForm(key: string): Promise<StoredForm | undefined> {
  return (await database()).get('forms', key);
}

export async function hasMedia(hash: string): Promise<boolean> {
  return (await (await database()).getKey('media', hash)) !== undefined;
}

export async function saveMedia(media: StoredMedia): Promise<void> {
  await (await database()).put('media', media);
}

export async function mediaText(form: StoredForm, name: string): Promise<string | null> {
  const wanted = form.media.find(({ filename }) => filename === name);
  const found = wanted && (await (await database()).get('media', wanted.hash));
  return found ? new TextDecoder().decode(found.bytes) : null;
}

/** Puts the new set in force and forgets what neither it nor an interview on this phone needs. */
export async function replaceForms(fresh: readonly StoredForm[]): Promise<void> {
  const tx = (await database()).transaction(['forms', 'media', 'records'], 'readwrite');
  const needed = new Set((await tx.objectStore('records').getAll()).map((record) => record.formKey));
  const freshKeys = new Set(fresh.map((form) => form.key));
  const kept = fresh.slice();
  for (const old of await tx.objectStore('forms').getAll()) {
    if (freshKeys.has(old.key)) continue;
    if (needed.has(old.key)) {
      kept.push(old);
      await tx.objectStore('forms').put({ ...old, current: false });
    } else {
      await tx.objectStore('forms').delete(old.key);
    }
  }
  for (const form of fresh) await tx.objectStore('forms').put(form);
  const hashes = new Set(kept.flatMap((form) => form.media.map(({ hash }) => hash)));
  for (const hash of await tx.objectStore('media').getAllKeys()) {
    if (!hashes.has(hash)) await tx.objectStore('media').delete(hash);
  }
  await tx.done;
}
