/** Who may talk to a server that asks for no token: programs on this machine and pages of this very server. */
import type { IncomingMessage } from 'node:http';
import { refuseRequest } from '../../platform/http-guard.ts';

/** Throws LATHE_AUTH_HOST or LATHE_AUTH_ORIGIN. */
export function checkCaller({ headers }: IncomingMessage): void {
  const refusal = refuseRequest(headers, { origins: [`http://${headers.host?.toLowerCase()}`] });
  if (refusal) throw refusal;
}
