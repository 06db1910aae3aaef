// What every screen knows: who is signed in, what is on the phone, whether there is a network, what is being sent.
import { computed, reactive, watch } from 'vue';
import { nextWait } from './outbox/backoff';
import { sendAll } from './outbox/sender';
import type { SendResult } from './outbox/sender';
import { currentForms } from './store/forms';
import { allReceipts, allRecords } from './store/records';
import type { KnownHousehold, Receipt, StoredForm, StoredRecord } from './store/db';
import { readLists, wipeLists } from './store/known';
import { deviceId, dropSetting, readSetting, writeSetting } from './store/settings';
import type { Round, Session } from './store/settings';
import { askToPersist, isPersisted } from './store/persistence';
import type { Persistence } from './store/persistence';
import { signIn, signOut, Trouble } from './sync/api';
import type { Credentials } from './sync/api';
import { updateKnown } from './sync/known';
import { updateWork } from './sync/work';
import { language } from './words';

export const app = reactive({
  ready: false,
  online: navigator.onLine,
  secure: window.isSecureContext,
  session: null as Session | null,
  round: null as Round | null,
  forms: [] as StoredForm[],
  records: [] as StoredRecord[],
  receipts: [] as Receipt[],
  households: [] as KnownHousehold[],
  lastSync: null as string | null,
  device: '',
  persistence: 'unknown' as Persistence,
  sunlight: false,
  sending: false,
  updating: false,
  sent: null as SendResult | null,
  trouble: null as Trouble | null,
  updateWaiting: false,
});

export const mine = computed(() => app.records.filter(({ personId }) => personId === app.session?.person.id));
export const drafts = computed(() => mine.value.filter(({ state }) => state === 'draft'));
export const outbox = computed(() => mine.value.filter(({ state }) => state !== 'draft'));
export const unsent = computed(() => mine.value.length);
export const receipts = computed(() => app.receipts.filter(({ personId }) => personId === app.session?.person.id));

/** People before me on this phone whose interviews are not sent: name and how many. */
export const othersUnsent = computed(() => {
  const counts = new Map<string, number>();
  for (const { personId, personName } of app.records) {
    if (personId !== app.session?.person.id) counts.set(personName, (counts.get(personName) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
});

export async function start(): Promise<void> {
  language.value = (await readSetting('language')) ?? 'vi';
  app.sunlight = (await readSetting('sunlight')) ?? false;
  app.device = await deviceId();
  app.persistence = await isPersisted();
  await refresh();
  app.ready = true;
  followTheNetwork();
  void contact();
}

export async function refresh(): Promise<void> {
  app.session = (await readSetting('session')) ?? null;
  app.round = (await readSetting('round')) ?? null;
  app.lastSync = (await readSetting('last_sync')) ?? null;
  app.forms = await currentForms();
  app.records = await allRecords();
  app.receipts = await allReceipts();
  app.households = app.session ? [...(await readLists()).households] : [];
}

export async function enter(credentials: Credentials): Promise<void> {
  const { token, person } = await signIn(credentials, app.device);
  await writeSetting('session', { token, person, expired: false });
  await dropSetting('work_etag');
  app.persistence = await askToPersist();
  await refresh();
  await contact();
}

/** The lists of the area go, interviews stay: they belong to the person and are sent when the same person signs in again. */
export async function leave(): Promise<void> {
  const token = app.session?.token;
  await dropSetting('session');
  await dropSetting('work_etag');
  await wipeLists();
  await refresh();
  if (token) await signOut(token).catch(() => undefined);
}

/** Everything the phone does with the server when it can: send what is finished, then fetch what is new. */
export async function contact(): Promise<void> {
  await send();
  await update();
}

export async function send(): Promise<void> {
  if (app.sending || !app.session) return;
  app.sending = true;
  try {
    app.sent = await sendAll(() => void reloadRecords());
  } finally {
    app.sending = false;
    await refresh();
    planNextTry();
  }
}

export async function update(): Promise<void> {
  if (app.updating || !app.session || app.session.expired) return;
  app.updating = true;
  app.trouble = null;
  try {
    await updateWork();
    await updateKnown();
  } catch (error) {
    app.trouble = error instanceof Trouble ? error : new Trouble('not-our-server');
    if (app.trouble.kind === 'sign-in' && app.session) await writeSetting('session', { ...app.session, expired: true });
  } finally {
    app.updating = false;
    await refresh();
  }
}

async function reloadRecords(): Promise<void> {
  app.records = await allRecords();
  app.receipts = await allReceipts();
}

let tries = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

function planNextTry(): void {
  clearTimeout(timer);
  const stopped = app.sent?.stopped;
  const again = stopped === 'no-network' || stopped === 'not-our-server' || stopped === 'server-busy';
  if (!again) {
    tries = 0;
    return;
  }
  timer = setTimeout(() => void send(), nextWait(tries));
  tries += 1;
}

function followTheNetwork(): void {
  const freshStart = (): void => {
    tries = 0;
    void contact();
  };
  window.addEventListener('online', () => {
    app.online = true;
    freshStart();
  });
  window.addEventListener('offline', () => {
    app.online = false;
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && outbox.value.length > 0) freshStart();
  });
}

watch(
  [language, () => app.sunlight, () => app.ready],
  ([code, sunlight, ready]) => {
    document.documentElement.lang = code;
    if (sunlight) document.documentElement.dataset.scheme = 'sun';
    else delete document.documentElement.dataset.scheme;
    if (!ready) return;
    void writeSetting('language', code);
    void writeSetting('sunlight', sunlight);
  },
  { immediate: true },
);
