// The phone's few JSON requests. Every failure becomes a Trouble that a screen can say in words.
import type { Changes } from '../store/known';
import type { Person, Round } from '../store/settings';

const PROTOCOL = 1;

export type TroubleKind = 'no-network' | 'not-our-server' | 'sign-in' | 'too-many' | 'refused' | 'newer-server';

export class Trouble extends Error {
  constructor(
    readonly kind: TroubleKind,
    /** The server's own words, in both languages, when it had any. */
    readonly said: { vi: string; en: string } | null = null,
  ) {
    super(kind);
  }
}

export interface SignedIn {
  readonly token: string;
  readonly server_time: string;
  readonly person: Person;
}

export interface FormOffer {
  readonly form_id: string;
  readonly version: string;
  readonly hash: string;
  readonly title: string;
  readonly url: string;
  readonly media: readonly { readonly filename: string; readonly hash: string; readonly url: string }[];
}

export interface Work {
  readonly person: Person;
  readonly server_time: string;
  readonly round: Round | null;
  readonly forms: readonly FormOffer[];
}

export type Credentials = { readonly key: string } | { readonly name: string; readonly password: string };

export async function signIn(credentials: Credentials, deviceId: string): Promise<SignedIn> {
  const response = await request('/phone/api/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ protocol: PROTOCOL, ...credentials, device_id: deviceId }),
  });
  return json<SignedIn>(response);
}

export async function signOut(token: string): Promise<void> {
  await request('/phone/api/sign-out', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(token) },
    body: JSON.stringify({ protocol: PROTOCOL }),
  });
}

/** Null when nothing has changed since the given ETag. */
export async function getWork(token: string, etag: string | undefined): Promise<{ work: Work; etag: string } | null> {
  const headers = { ...bearer(token), ...(etag ? { 'if-none-match': etag } : {}) };
  const response = await request('/phone/api/work', { headers });
  if (response.status === 304) return null;
  return { work: await json<Work>(response), etag: response.headers.get('etag') ?? '' };
}

export async function getChanges(token: string, cursor: string): Promise<Changes> {
  const response = await request(`/phone/changes?since=${encodeURIComponent(cursor)}`, { headers: bearer(token) });
  return json<Changes>(response);
}

export async function getBytes(url: string, token: string): Promise<{ bytes: ArrayBuffer; type: string }> {
  const response = await request(url, { headers: bearer(token) });
  if (!response.ok) throw await troubleOf(response);
  const type = response.headers.get('content-type') ?? '';
  if (type.startsWith('text/html')) throw new Trouble('not-our-server');
  return { bytes: await response.arrayBuffer(), type };
}

function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

async function request(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', cache: 'no-store', credentials: 'omit' });
  } catch {
    throw new Trouble('no-network');
  }
  if (response.type === 'opaqueredirect' || response.redirected) throw new Trouble('not-our-server');
  return response;
}

async function json<Body>(response: Response): Promise<Body> {
  if (!response.ok) throw await troubleOf(response);
  const body = await bodyOf(response);
  if (!body) throw new Trouble('not-our-server');
  if (body.protocol !== PROTOCOL) throw new Trouble('newer-server');
  return body as Body;
}

interface Body {
  readonly protocol?: number;
  readonly problem?: { readonly message?: { vi: string; en: string }; readonly next?: { vi: string; en: string } };
}

async function troubleOf(response: Response): Promise<Trouble> {
  const body = await bodyOf(response);
  if (!body?.problem) return new Trouble(response.status >= 500 ? 'no-network' : 'not-our-server');
  const { message, next } = body.problem;
  const said = message ? { vi: joined(message.vi, next?.vi), en: joined(message.en, next?.en) } : null;
  if (response.status === 401) return new Trouble('sign-in', said);
  return new Trouble(response.status === 429 ? 'too-many' : 'refused', said);
}

function joined(...parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}

async function bodyOf(response: Response): Promise<Body | null> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Body) : null;
  } catch {
    return null;
  }
}
