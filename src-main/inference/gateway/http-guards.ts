/**
 * Who may talk to a server that asks for no token: programs on this machine. A web page may not, whether it
 * comes from another origin or has had its own name pointed at 127.0.0.1 (DNS rebinding).
 */
import type { IncomingMessage } from 'node:http';
import { LatheError } from '../../contract/errors.ts';

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** Throws LATHE_AUTH_HOST or LATHE_AUTH_ORIGIN. */
export function checkCaller(request: IncomingMessage): void {
  const { host, origin } = request.headers;
  if (host === undefined || !LOCAL_HOST.test(host))
    throw new LatheError('LATHE_AUTH_HOST', { host: host === undefined ? '(none)' : host.slice(0, 120) });
  // Programs send no Origin; a page of this very server would send exactly this one.
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw new LatheError('LATHE_AUTH_ORIGIN', { origin: origin.slice(0, 120) });
}
