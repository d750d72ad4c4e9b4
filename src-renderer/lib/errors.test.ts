import { ORPCError } from '@orpc/client';
import { expect, test } from 'vitest';
import { LatheError } from '../../src-main/contract/errors.ts';
import { RpcError, reportAsText, reportOf } from './errors.ts';

const taken = new LatheError('LATHE_SERVING_PORT_IN_USE', { port: 8000, service: 'The gateway' }).report();

test('the engine’s report arrives as it was written', () => {
  const error = new ORPCError(taken.code, { status: 409, message: taken.cause, data: taken });
  expect(reportOf(error)).toEqual(taken);
});

test('a code without a report is filled from the catalogue', () => {
  const error = new ORPCError('LATHE_NOT_FOUND', { data: { kind: 'model', name: 'x' } });
  expect(reportOf(error)).toMatchObject({ code: 'LATHE_NOT_FOUND', cause: 'There is no model named x.' });
});

test('input that the contract refuses is named as such', () => {
  const error = new ORPCError('BAD_REQUEST', { message: 'Input validation failed' });
  expect(reportOf(error).code).toBe('LATHE_INPUT_INVALID');
});

test('anything else is an internal error that keeps its message', () => {
  expect(reportOf(new TypeError('boom'))).toMatchObject({
    code: 'LATHE_INTERNAL',
    details: { reason: 'boom' },
  });
  expect(reportOf('text').code).toBe('LATHE_INTERNAL');
  const stranger = new ORPCError('TEAPOT', { data: { code: 'LATHE_MADE_UP', cause: 'x', remedy: 'y' } });
  expect(reportOf(stranger).code).toBe('LATHE_INTERNAL');
});

test('what the connection rejects with carries its report, and can be copied as text', () => {
  expect(reportOf(new RpcError(taken))).toBe(taken);
  expect(reportAsText(taken).split('\n')).toEqual([
    'LATHE_SERVING_PORT_IN_USE (409)',
    taken.cause,
    taken.remedy,
    '  port: 8000',
    '  service: The gateway',
  ]);
});
