import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sendAll } from '../src/outbox/sender';
import { database } from '../src/store/db';
import type { StoredRecord } from '../src/store/db';
import { allReceipts, allRecords, keepOnlyMentioned, recordFiles, saveRecord, storedFiles } from '../src/store/records';
import { readSetting, writeSetting } from '../src/store/settings';

const PERSON = { id: 'p1', name: 'Nguyễn Thị Thử', role: 'collaborator', area: [] };

function record(id: string, over: Partial<StoredRecord> = {}): StoredRecord {
  return {
    id, personId: 'p1', personName: PERSON.name, formKey: 'trial|1|md5:0', formTitle: 'Phiếu thử', state: 'finished',
    xml: `<data><photo>${id}.jpg</photo></data>`, label: 'Thôn Tập huấn 1 / 7', page: '', doneRows: [],
    createdAt: '2026-02-05T07:00:00Z', savedAt: '2026-02-05T08:00:00Z', finishedAt: '2026-02-05T08:00:00Z', tries: 0, problem: null,
    ...over,
  };
}

async function put(id: string, over: Partial<StoredRecord> = {}): Promise<void> {
  const file = new File([new Uint8Array([7])], `${id}.jpg`, { type: 'image/jpeg' });
  await saveRecord(record(id, over), await storedFiles(id, [file]));
}

const openRosa = (status: number, message: string): Response =>
  new Response(`<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message>${message}</message></OpenRosaResponse>`, {
    status,
    headers: { 'x-openrosa-version': '1.0' },
  });
const head = (): Response => new Response(null, { status: 204, headers: { 'x-openrosa-version': '1.0' } });

/** Answers HEAD as our server does, and each POST with the next of the given answers. */
function server(...answers: (Response | Error)[]): ReturnType<typeof vi.fn> {
  const fake = vi.fn(async (_url: string, init: RequestInit) => {
    if (init.method === 'HEAD') return head();
    const next = answers.shift() ?? new Error('offline');
    if (next instanceof Error) throw next;
    return next;
  });
  vi.stubGlobal('fetch', fake);
  return fake;
}

beforeEach(async () => {
  const db = await database();
  for (const store of ['records', 'files', 'receipts', 'settings'] as const) await db.clear(store);
  await writeSetting('session', { token: 't', person: PERSON, expired: false });
});

afterEach(() => vi.unstubAllGlobals());

it('deletes answers and files only on a receipt, and keeps a line about it', async () => {
  await put('uuid:1');
  const fetched = server(openRosa(201, 'Đã nhận.'));
  expect(await sendAll()).toEqual({ received: 1, refused: 0, waiting: 0, stopped: null });
  expect(await allRecords()).toEqual([]);
  expect(await recordFiles('uuid:1')).toEqual([]);
  expect(await allReceipts()).toMatchObject([{ id: 'uuid:1', label: 'Thôn Tập huấn 1 / 7', message: 'Đã nhận.' }]);
  const form = fetched.mock.calls[1]?.[1].body as FormData;
  expect([...form.keys()]).toEqual(['xml_submission_file', 'uuid:1.jpg']);
});

it.each([
  ['a captive portal’s 200', new Response('<html>Wi-Fi</html>', { status: 200 }), 'not-our-server'],
  ['201 without the OpenRosa header', new Response('ok', { status: 201 }), 'not-our-server'],
  ['a broken server', openRosa(503, ''), 'server-busy'],
  ['no network', new Error('offline'), 'no-network'],
])('keeps everything after %s', async (_name, answer, stopped) => {
  await put('uuid:1');
  server(answer);
  expect(await sendAll()).toMatchObject({ received: 0, waiting: 1, stopped });
  expect(await allRecords()).toMatchObject([{ id: 'uuid:1', state: 'finished', tries: 1 }]);
  expect(await recordFiles('uuid:1')).toHaveLength(1);
});

it('sends again after a lost reply, with the same id', async () => {
  await put('uuid:1');
  server(new Error('reply lost'));
  await sendAll();
  server(openRosa(202, ''));
  expect(await sendAll()).toMatchObject({ received: 1 });
  expect(await allReceipts()).toMatchObject([{ id: 'uuid:1' }]);
});

it('asks to sign in again after 401 and keeps the queue', async () => {
  await put('uuid:1');
  await put('uuid:2');
  server(openRosa(401, ''));
  expect(await sendAll()).toMatchObject({ received: 0, stopped: 'sign-in' });
  expect((await readSetting('session'))?.expired).toBe(true);
  expect((await allRecords()).map(({ state }) => state)).toEqual(['finished', 'finished']);
  const fetched = server(openRosa(201, ''));
  expect(await sendAll()).toMatchObject({ stopped: 'sign-in' });
  expect(fetched).not.toHaveBeenCalled();
});

it('shows the server’s reason, and one refused interview does not hold up the next', async () => {
  await put('uuid:1', { finishedAt: '2026-02-05T08:00:00Z' });
  await put('uuid:2', { finishedAt: '2026-02-05T09:00:00Z' });
  server(openRosa(422, '[S105] Mã thôn không thuộc phường.'), openRosa(201, ''));
  expect(await sendAll()).toEqual({ received: 1, refused: 1, waiting: 0, stopped: null });
  expect(await allRecords()).toMatchObject([{ id: 'uuid:1', state: 'refused', problem: '[S105] Mã thôn không thuộc phường.' }]);
  expect(await recordFiles('uuid:1')).toHaveLength(1);
});

it('takes up what a killed app left in "sending", and leaves drafts and other people’s interviews alone', async () => {
  await put('uuid:1', { state: 'sending' });
  await put('uuid:2', { state: 'draft' });
  await put('uuid:3', { personId: 'p2' });
  server(openRosa(201, ''), openRosa(201, ''), openRosa(201, ''));
  expect(await sendAll()).toMatchObject({ received: 1 });
  expect((await allRecords()).map(({ id }) => id).sort()).toEqual(['uuid:2', 'uuid:3']);
});

it('forgets at the end the files that the answers do not mention', async () => {
  await put('uuid:1');
  await saveRecord(record('uuid:1'), await storedFiles('uuid:1', [new File(['x'], 'old.jpg')]));
  await keepOnlyMentioned(record('uuid:1'));
  expect((await recordFiles('uuid:1')).map(({ name }) => name)).toEqual(['uuid:1.jpg']);
});

it.each(['HEAD', 'POST'])('gives a line up that stays silent at %s, keeps everything and sends later', async (silent) => {
  await put('uuid:1');
  let asked = (): void => undefined;
  const reached = new Promise<void>((done) => { asked = done; });
  const mute = vi.fn(async (_url: string, init: RequestInit): Promise<Response> => {
    if (init.method !== silent) return head();
    asked();
    return new Promise((_, fail) => init.signal?.addEventListener('abort', () => fail(new DOMException('', 'AbortError'))));
  });
  vi.stubGlobal('fetch', mute);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const sending = sendAll();
    await reached;
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await sending).toMatchObject({ received: 0, waiting: 1, stopped: 'no-network' });
  } finally {
    vi.useRealTimers();
  }
  expect(await allRecords()).toMatchObject([{ id: 'uuid:1', state: 'finished' }]);
  server(openRosa(201, ''));
  expect(await sendAll()).toMatchObject({ received: 1 });
});
