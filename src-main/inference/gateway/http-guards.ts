/** Who may talk to a server that asks for no token: programs on this machine and pages of this very server. */
import type { IncomingMessage } from 'node:http';
import { refuseRequest } from '../../platform/http-guard.ts';

/** Throws LATHE_AUTH_HOST or LATHE_AUTH_ORIGIN. A `page` may be opened by a link on another site. */
export function checkCaller({ headers, method }: IncomingMessage, page = false): void {
  const origins = headers.origin === undefined ? [] : [`http://${headers.host?.toLowerCase()}`];
  const refusal = refuseRequest(headers, { origins, navigation: page }, method);
  if (refusal) throw refusal;
}
