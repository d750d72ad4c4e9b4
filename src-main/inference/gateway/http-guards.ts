/** Who may talk to a server that asks for no token: programs on this machine and pages of this very server. */
import { refuseRequest } from '../../platform/http-guard.ts';
import type { Ask } from './http-exchange.ts';

/** Throws LATHE_AUTH_HOST or LATHE_AUTH_ORIGIN. A `page` may be opened by a link on another site. */
export function checkCaller({ headers, method }: Ask, page = false): void {
  const origins = headers.origin === undefined ? [] : [`http://${headers.host?.toLowerCase()}`];
  const refusal = refuseRequest(headers, { origins, navigation: page }, method);
  if (refusal) throw refusal;
}
