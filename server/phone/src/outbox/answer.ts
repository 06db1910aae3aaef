// What a server's answer to a submission means. Only a real OpenRosa 201 or 202 is a receipt: the log-in page
// of a café's network answers 200 to everything, and an interview deleted on its word would be gone.

export interface ServerAnswer {
  readonly status: number;
  readonly redirected: boolean;
  readonly openRosa: boolean;
  readonly body: string;
}

export type Verdict =
  | { readonly kind: 'received'; readonly message: string }
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'later'; readonly why: LaterReason };

export type LaterReason = 'no-network' | 'not-our-server' | 'server-busy';

export function judge(answer: ServerAnswer): Verdict {
  const { status, openRosa } = answer;
  if (answer.redirected || status === 0) return { kind: 'later', why: 'not-our-server' };
  if (!openRosa) return withoutHeader(status);
  if (status === 201 || status === 202) return { kind: 'received', message: openRosaMessage(answer.body) };
  if (status === 401) return { kind: 'sign-in' };
  if (status >= 400 && status < 500 && !PASSING.has(status)) {
    return { kind: 'refused', message: openRosaMessage(answer.body) || `HTTP ${status}` };
  }
  return { kind: 'later', why: status >= 500 || PASSING.has(status) ? 'server-busy' : 'not-our-server' };
}

/** The answer to HEAD /submission: null means go on and send. */
export function judgeHead(answer: ServerAnswer): Verdict | null {
  if (answer.status === 204 && answer.openRosa && !answer.redirected) return null;
  const verdict = judge(answer);
  return verdict.kind === 'received' || verdict.kind === 'refused' ? { kind: 'later', why: 'not-our-server' } : verdict;
}

export function openRosaMessage(body: string): string {
  if (!body.includes('<OpenRosaResponse')) return '';
  const parsed = new DOMParser().parseFromString(body, 'text/xml');
  return parsed.getElementsByTagName('message')[0]?.textContent?.trim() ?? '';
}

const PASSING = new Set([408, 425, 429]);

function withoutHeader(status: number): Verdict {
  if (status >= 500) return { kind: 'later', why: 'server-busy' };
  return { kind: 'later', why: 'not-our-server' };
}
