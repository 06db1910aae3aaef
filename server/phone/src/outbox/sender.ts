// Sends finished interviews one by one, oldest first, and never more than one sender per phone at a time.
import { deviceId, readSetting, writeSetting } from '../store/settings';
import type { Session } from '../store/settings';
import { allRecords, mentions, recordFiles, setState, turnIntoReceipt } from '../store/records';
import type { StoredRecord } from '../store/db';
import { judge, judgeHead } from './answer';
import type { LaterReason, ServerAnswer, Verdict } from './answer';

export interface SendResult {
  readonly received: number;
  readonly refused: number;
  readonly waiting: number;
  readonly stopped: LaterReason | 'sign-in' | 'busy' | null;
}

const SUBMISSION = '/openrosa/submission';
const LOCK = 'mangnon-outbox';
// A line that died in silence must not hold the queue for ever: what a slow one may need, then the next try.
const QUESTION_WAIT = 30_000;
const SLOWEST = 2; // bytes in a millisecond
const NOTHING: SendResult = { received: 0, refused: 0, waiting: 0, stopped: null };

export async function sendAll(changed: () => void = () => undefined): Promise<SendResult> {
  if (!navigator.locks) return sendHoldingLock(changed);
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) =>
    lock ? sendHoldingLock(changed) : { ...NOTHING, stopped: 'busy' as const },
  );
}

/** A record left in "sending" by a killed app was perhaps not received; with the lock held, nobody else is sending it. */
async function waiting(session: Session): Promise<StoredRecord[]> {
  const records = await allRecords();
  return records
    .filter(({ state, personId }) => (state === 'finished' || state === 'sending') && personId === session.person.id)
    .sort((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''));
}

async function sendHoldingLock(changed: () => void): Promise<SendResult> {
  const session = await readSetting('session');
  if (!session) return NOTHING;
  const queue = await waiting(session);
  if (queue.length === 0) return NOTHING;
  if (session.expired) return { ...NOTHING, waiting: queue.length, stopped: 'sign-in' };
  const device = await deviceId();
  let result: SendResult = { ...NOTHING, waiting: queue.length };
  for (const record of queue) {
    await setState(record.id, 'sending');
    changed();
    const verdict = await send(record, session, device);
    result = await settle(record, verdict, session, result);
    changed();
    if (result.stopped) break;
  }
  return result;
}

async function settle(
  record: StoredRecord,
  verdict: Verdict,
  session: Session,
  result: SendResult,
): Promise<SendResult> {
  switch (verdict.kind) {
    case 'received':
      await turnIntoReceipt(record.id, new Date().toISOString(), verdict.message);
      await writeSetting('last_sync', new Date().toISOString());
      return { ...result, received: result.received + 1, waiting: result.waiting - 1 };
    case 'refused':
      await setState(record.id, 'refused', verdict.message);
      return { ...result, refused: result.refused + 1, waiting: result.waiting - 1 };
    case 'sign-in':
      await setState(record.id, 'finished');
      await writeSetting('session', { ...session, expired: true });
      return { ...result, stopped: 'sign-in' };
    case 'later':
      await setState(record.id, 'finished');
      return { ...result, stopped: verdict.why };
  }
}

async function send(record: StoredRecord, session: Session, device: string): Promise<Verdict> {
  const url = `${SUBMISSION}?deviceID=${encodeURIComponent(device)}`;
  const headers = { authorization: `Bearer ${session.token}`, 'x-openrosa-version': '1.0' };
  const files = await recordFiles(record.id);
  try {
    const early = judgeHead(await ask(url, { method: 'HEAD', headers }, QUESTION_WAIT));
    if (early) return early;
    const size = files.reduce((sum, file) => sum + file.size, record.xml.length);
    return judge(
      await ask(url, { method: 'POST', headers, body: multipart(record, files) }, 2 * QUESTION_WAIT + size / SLOWEST),
    );
  } catch {
    return { kind: 'later', why: 'no-network' };
  }
}

function multipart(record: StoredRecord, files: readonly File[]): FormData {
  const body = new FormData();
  body.set('xml_submission_file', new File([record.xml], 'submission.xml', { type: 'text/xml' }));
  for (const file of files) {
    if (mentions(record.xml, file.name)) body.set(file.name, file, file.name);
  }
  return body;
}

async function ask(url: string, init: RequestInit, wait: number): Promise<ServerAnswer> {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), wait);
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal: given.signal,
    });
    return {
      status: response.status,
      redirected: response.redirected || response.type === 'opaqueredirect',
      openRosa: response.headers.get('x-openrosa-version') !== null,
      body: init.method === 'HEAD' ? '' : await response.text(),
    };
  } finally {
    clearTimeout(timer);
  }
}
