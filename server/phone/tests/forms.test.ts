import { beforeEach, expect, it } from 'vitest';
import { database } from '../src/store/db';
import type { StoredForm, StoredRecord } from '../src/store/db';
import { currentForms, formKey, hasMedia, mediaText, readForm, replaceForms, saveMedia } from '../src/store/forms';
import { md5 } from '../src/sync/md5';

function form(version: string, hash: string, listHash: string): StoredForm {
  return {
    key: formKey('trial', version, hash), formId: 'trial', version, hash, title: `Phiếu ${version}`, xml: '<h:html/>',
    media: [{ filename: 'villages.csv', hash: listHash }], current: true,
  };
}

const list = (hash: string, text: string) => saveMedia({ hash, type: 'text/csv', bytes: new TextEncoder().encode(text).buffer as ArrayBuffer });

beforeEach(async () => {
  const db = await database();
  for (const store of ['forms', 'media', 'records'] as const) await db.clear(store);
  await list('md5:a', 'Thôn Một');
  await list('md5:b', 'Thôn Hai');
  await replaceForms([form('1', 'md5:1', 'md5:a')]);
});

it('keeps an older version and its list while an interview needs them, and forgets them after', async () => {
  const old = form('1', 'md5:1', 'md5:a');
  await list('md5:b', 'Thôn Hai');
  await (await database()).put('records', { id: 'uuid:1', formKey: old.key } as StoredRecord);
  await replaceForms([form('2', 'md5:2', 'md5:b')]);
  expect((await currentForms()).map(({ version }) => version)).toEqual(['2']);
  expect((await readForm(old.key))?.current).toBe(false);
  expect(await mediaText(old, 'villages.csv')).toBe('Thôn Một');

  await (await database()).delete('records', 'uuid:1');
  await replaceForms([form('2', 'md5:2', 'md5:b')]);
  expect(await readForm(old.key)).toBeUndefined();
  expect(await hasMedia('md5:a')).toBe(false);
  expect(await hasMedia('md5:b')).toBe(true);
});

it('has nothing for a list the form does not name', async () => {
  expect(await mediaText(form('1', 'md5:1', 'md5:a'), 'other.csv')).toBeNull();
});

it('computes MD5 as the form list does', () => {
  const hash = (text: string): string => md5(new TextEncoder().encode(text));
  expect(hash('')).toBe('d41d8cd98f00b204e9800998ecf8427e');
  expect(hash('abc')).toBe('900150983cd24fb0d6963f7d28e17f72');
  expect(hash('12345678901234567890123456789012345678901234567890123456789012345678901234567890')).toBe('57edf4a22be3c955ac49da2e2107b67a');
});
