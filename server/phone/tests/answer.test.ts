import { describe, expect, it } from 'vitest';
import { judge, judgeHead } from '../src/outbox/answer';
import { nextWait } from '../src/outbox/backoff';

const body = (text: string): string =>
  `<OpenRosaResponse xmlns="http://openrosa.org/http/response"><message nature="submit_error">${text}</message></OpenRosaResponse>`;
const answer = (status: number, openRosa = true, text = '', redirected = false) => ({ status, openRosa, redirected, body: text });

describe('what an answer to a submission means', () => {
  it.each([201, 202])('%i from OpenRosa is a receipt', (status) => {
    expect(judge(answer(status, true, body('Đã nhận phiếu.')))).toEqual({ kind: 'received', message: 'Đã nhận phiếu.' });
  });

  it.each([200, 201, 202, 204])('%i without the OpenRosa header is no receipt', (status) => {
    expect(judge(answer(status, false, '<html>Wi-Fi</html>'))).toEqual({ kind: 'later', why: 'not-our-server' });
  });

  it('200 with the header is no receipt either', () => {
    expect(judge(answer(200))).toEqual({ kind: 'later', why: 'not-our-server' });
  });

  it('a redirected answer is not our server’s, whatever it says', () => {
    expect(judge(answer(201, true, '', true))).toEqual({ kind: 'later', why: 'not-our-server' });
    expect(judge(answer(0, false))).toEqual({ kind: 'later', why: 'not-our-server' });
  });

  it('401 asks for a new sign-in', () => {
    expect(judge(answer(401))).toEqual({ kind: 'sign-in' });
    expect(judge(answer(401, false))).toEqual({ kind: 'later', why: 'not-our-server' });
  });

  it.each([400, 403, 404, 409, 413, 422])('%i keeps the interview with the server’s reason', (status) => {
    expect(judge(answer(status, true, body('[S105] Mã thôn không thuộc phường.')))).toEqual({
      kind: 'refused',
      message: '[S105] Mã thôn không thuộc phường.',
    });
  });

  it.each([408, 429, 500, 503])('%i is tried again later', (status) => {
    expect(judge(answer(status))).toEqual({ kind: 'later', why: 'server-busy' });
  });

  it('sends only after the server itself answered 204 to HEAD', () => {
    expect(judgeHead(answer(204))).toBeNull();
    expect(judgeHead(answer(204, false))).toEqual({ kind: 'later', why: 'not-our-server' });
    expect(judgeHead(answer(200, false))).toEqual({ kind: 'later', why: 'not-our-server' });
    expect(judgeHead(answer(401))).toEqual({ kind: 'sign-in' });
    expect(judgeHead(answer(404))).toEqual({ kind: 'later', why: 'not-our-server' });
  });
});

it('waits longer after each failure, up to a quarter of an hour', () => {
  expect([0, 1, 2, 20].map(nextWait)).toEqual([15_000, 30_000, 60_000, 900_000]);
});
