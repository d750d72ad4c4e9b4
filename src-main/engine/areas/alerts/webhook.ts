/**
 * Sends one message to one webhook. The address is all that is sent of the user's: no cookies, no credentials, and a
 * redirect is not followed. What comes back is read for its status only. Nothing here names the address in a word.
 */
import { LatheError } from '../../../contract/errors.ts';

export type Sent = {
  ok: boolean;
  /** In words, for people. */
  detail: string;
  /** Worth another try. */
  again: boolean;
  /** Not before, as the other side asked; null when it did not. */
  afterMs: number | null;
};

const TIMEOUT_MS = 5_000;
/** Nobody asks for more who means to be sent it. */
const MOST_AFTER_MS = 3_600_000;

export async function sendWebhook(url: string, body: string, timeoutMs = TIMEOUT_MS): Promise<Sent> {
  let response: Response;
  try {
    response = await fetch(url, {
      ...{ method: 'POST', body, redirect: 'manual', credentials: 'omit' },
      headers: { 'content-type': 'application/json', 'user-agent': 'Lathe' },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (thrown) {
    return { ok: false, detail: failureText(thrown, timeoutMs), again: true, afterMs: null };
  }
  // An answer may go on for ever; its status is all that is needed.
  await response.body?.cancel().catch(() => {});
  const { status } = response;
  if (status >= 200 && status < 300) return { ok: true, detail: 'Delivered.', again: false, afterMs: null };
  if (status >= 300 && status < 400)
    return failed(
      `It redirects (${status}), which is not followed: enter the address it leads to.`,
      false,
      null,
    );
  const again = status >= 500 || status === 408 || status === 425 || status === 429;
  const word = again
    ? `It answered ${status}.`
    : `It answered ${status}: it does not take messages at this address.`;
  return failed(word, again, again ? retryAfter(response.headers.get('retry-after')) : null);
}

const failed = (detail: string, again: boolean, afterMs: number | null): Sent => ({
  ok: false,
  detail,
  again,
  afterMs,
});

/** Seconds, or a date (RFC 9110 §10.2.3). */
function retryAfter(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(MOST_AFTER_MS, Math.max(0, ms)) : null;
}

/** Codes only: messages of the network stack may name the address. */
function failureText(thrown: unknown, timeoutMs: number): string {
  const error = thrown as { name?: string; cause?: { code?: unknown } };
  if (error.name === 'TimeoutError') return `It did not answer within ${timeoutMs / 1000} s.`;
  const code = error.cause?.code;
  return typeof code === 'string' ? `It could not be reached (${code}).` : 'It could not be reached.';
}

/** Throws LATHE_ALERTS_CHANNEL_ADDRESS. Loopback and private addresses are fine: much that listens is at home. */
export function checkedAddress(text: string): URL {
  const refuse = (reason: string): never => {
    throw new LatheError('LATHE_ALERTS_CHANNEL_ADDRESS', { reason });
  };
  const url = URL.canParse(text) ? new URL(text) : refuse('it is not a whole address');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    refuse('it begins with neither https:// nor http://');
  if (url.username !== '' || url.password !== '') refuse('it has a user name or a password in it');
  return url;
}
