/**
 * The guard of every local HTTP server. A server on loopback is reachable from any web page in the user's
 * browser: the Host check stops DNS rebinding, the Origin and Sec-Fetch-Site checks stop pages that call it
 * directly. Programs (curl, Python) send neither Origin nor Sec-Fetch-Site and pass.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { LatheError } from '../contract/errors.ts';

export type GuardRules = {
  /** Origins that belong to this server's own pages, e.g. http://127.0.0.1:5000. None for a data plane. */
  origins?: readonly string[];
  /** A page may be opened by a link on another site (GET that navigates); its calls may not. */
  navigation?: boolean;
};

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The reason to refuse this request, or null. `method` matters only with `navigation`. */
export function refuseRequest(
  headers: IncomingHttpHeaders,
  rules: GuardRules = {},
  method = 'GET',
): LatheError | null {
  const host = headers.host ?? '';
  if (!isLoopbackHost(host)) return new LatheError('LATHE_AUTH_HOST', { host: shown(host) });
  const { origin } = headers;
  if (origin !== undefined && !(rules.origins ?? []).includes(origin))
    return new LatheError('LATHE_AUTH_ORIGIN', { origin: shown(origin) });
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return null;
  if (rules.navigation && method === 'GET' && headers['sec-fetch-mode'] === 'navigate') return null;
  return new LatheError('LATHE_AUTH_ORIGIN', { origin: `another site (${shown(String(site))})` });
}

let lastHost = '127.0.0.1';

/** A loopback name with or without a port. Any port: a tunnel may change it, a rebinding page cannot use that. */
export function isLoopbackHost(host: string): boolean {
  // Nearly every request names the host of the one before.
  if (host === lastHost) return true;
  const match = /^(\[::1\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(host.toLowerCase());
  const isLoopback = match !== null && LOOPBACK.has(match[1] ?? '');
  if (isLoopback) lastHost = host;
  return isLoopback;
}

const shown = (text: string): string => (text === '' ? '(none)' : text.slice(0, 200));
