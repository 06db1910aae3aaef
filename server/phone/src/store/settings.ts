// Small things the phone remembers between starts: who is signed in, language, light, times of contact.
import { database } from './db';

export interface Area {
  readonly code: string;
  readonly name: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly area: readonly Area[];
}

export interface Session {
  readonly token: string;
  readonly person: Person;
  /** The server has refused the token: everything is kept, sending waits for a new sign-in. */
  readonly expired: boolean;
}

export interface Round {
  readonly id: string;
  readonly name: string;
}

interface Settings {
  device_id: string;
  session: Session;
  round: Round | null;
  work_etag: string;
  /** How far the lists of households and children were fetched, and for whom. */
  known_cursor: string;
  known_for: string;
  last_sync: string;
  language: 'vi' | 'en';
  sunlight: boolean;
}

export async function readSetting<Key extends keyof Settings>(key: Key): Promise<Settings[Key] | undefined> {
  return (await (await database()).get('settings', key)) as Settings[Key] | undefined;
}

export async function writeSetting<Key extends keyof Settings>(key: Key, value: Settings[Key]): Promise<void> {
  await (await database()).put('settings', value, key);
}

export async function dropSetting(key: keyof Settings): Promise<void> {
  await (await database()).delete('settings', key);
}

export async function deviceId(): Promise<string> {
  const known = await readSetting('device_id');
  if (known) return known;
  const made = `mangnon:${randomId()}`;
  await writeSetting('device_id', made);
  return made;
}

/** crypto.randomUUID needs HTTPS; the app must be able to say so itself instead of failing. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
