// Brings the phone's forms and lists up to date: everything is downloaded and checked first, then put in force at once.
import { formKey, hasMedia, readForm, replaceForms, saveMedia } from '../store/forms';
import { readSetting, writeSetting } from '../store/settings';
import type { StoredForm } from '../store/db';
import { getBytes, getWork, Trouble } from './api';
import type { FormOffer } from './api';
import { md5 } from './md5';

export async function updateWork(): Promise<'updated' | 'same' | 'signed-out'> {
  const session = await readSetting('session');
  if (!session || session.expired) return 'signed-out';
  const answer = await getWork(session.token, await readSetting('work_etag'));
  if (answer) {
    const { work, etag } = answer;
    const forms: StoredForm[] = [];
    for (const offer of work.forms) forms.push(await download(offer, session.token));
    await replaceForms(forms);
    await writeSetting('session', { ...session, person: work.person });
    await writeSetting('round', work.round);
    await writeSetting('work_etag', etag);
  }
  await writeSetting('last_sync', new Date().toISOString());
  return answer ? 'updated' : 'same';
}

async function download(offer: FormOffer, token: string): Promise<StoredForm> {
  for (const { hash, url } of offer.media) {
    if (await hasMedia(hash)) continue;
    const { bytes, type } = await checked(url, hash, token);
    await saveMedia({ hash, type, bytes });
  }
  const key = formKey(offer.form_id, offer.version, offer.hash);
  const known = await readForm(key);
  const xml = known?.xml ?? textOf(await checked(offer.url, offer.hash, token));
  return {
    key,
    formId: offer.form_id,
    version: offer.version,
    hash: offer.hash,
    title: offer.title,
    xml,
    media: offer.media.map(({ filename, hash }) => ({ filename, hash })),
    current: true,
  };
}

/** Forms made elsewhere may be written in another encoding; the server names it. */
export function textOf({ bytes, type }: { bytes: ArrayBuffer; type: string }): string {
  const [, charset = 'utf-8'] = /charset=([\w-]+)/i.exec(type) ?? [];
  return new TextDecoder(charset).decode(bytes);
}

async function checked(url: string, hash: string, token: string): Promise<{ bytes: ArrayBuffer; type: string }> {
  const got = await getBytes(url, token);
  if (hash.startsWith('md5:') && `md5:${md5(new Uint8Array(got.bytes))}` !== hash) throw new Trouble('no-network');
  return got;
}
