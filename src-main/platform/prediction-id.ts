/** What a logged row is called: gateway and engine must agree, as feedback names rows by it. */
import { createHash } from 'node:crypto';

/** Ids end in "#<row>" and must fit the contract's 64 characters. */
const MAX_ID = 56;

/** A request's id as rows carry it: itself, or its hash where it is too long. */
export const requestKey = (requestId: string): string =>
  requestId.length <= MAX_ID
    ? requestId
    : createHash('sha256').update(requestId).digest('hex').slice(0, MAX_ID);

/** Id of a row of a request; `row` is null for the only one. */
export const predictionId = (key: string, row: number | null): string =>
  row === null ? key : `${key}#${row}`;
