import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger, redact, rotatingFile } from './log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('redaction', () => {
  test.each([
    '{"token":"s3cr3t-value"}',
    '{"a":1,"nonce":"s3cr3t-value","b":2}',
    'authorization: Bearer s3cr3t-value',
    '{"headers":{"authorization":"Bearer s3cr3t-value"}}',
    'GET /?token=s3cr3t-value&x=1',
    'cookie: s3cr3t-value; other',
    '{"apiKey":"s3cr3t-value"}',
    '{"api_key":"s3cr3t-value"}',
    'password=s3cr3t-value',
    '{"msg":"{\\"token\\":\\"s3cr3t-value\\"}"}',
    '{"headers":{"cookie":"a=1; lathe_token=s3cr3t-value"}}',
    'cookie: session=s3cr3t-value; theme=dark',
    'set-cookie: theme=dark; sid=s3cr3t-value',
  ])('takes the secret out of %s', (line) => {
    expect(redact(line)).not.toContain('s3cr3t');
  });

  test('leaves the rest, and leaves JSON readable', () => {
    const line = '{"level":30,"token":"abc","msg":"opened","count":3}';
    expect(JSON.parse(redact(line))).toEqual({ level: 30, token: '[removed]', msg: 'opened', count: 3 });
    expect(redact('{"msg":"12 tokens a second"}')).toBe('{"msg":"12 tokens a second"}');
  });
});

describe('the log file', () => {
  test('keeps the newest lines, rotates by size and keeps a bounded number of older files', () => {
    const file = join(folder, 'deep', 'engine.log');
    const sink = rotatingFile(file, 1_000);
    for (let n = 0; n < 200; n++) sink.write(`{"line":${n},"pad":"${'x'.repeat(40)}"}\n`);
    sink.flush();
    const names = readdirSync(join(folder, 'deep')).sort();
    expect(names).toEqual(['engine.log', 'engine.log.1', 'engine.log.2', 'engine.log.3']);
    for (const name of names) expect(statSync(join(folder, 'deep', name)).size).toBeLessThanOrEqual(1_000);
    const lines = [3, 2, 1, 0].flatMap((n) =>
      readFileSync(n === 0 ? file : `${file}.${n}`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { line: number }).line),
    );
    // What is left is the end of what was written, without a gap.
    expect(lines.at(-1)).toBe(199);
    expect(lines).toEqual(lines.map((_, n) => (lines[0] ?? 0) + n));
  });

  test('a place that cannot be written fails nobody', () => {
    const file = join(folder, 'taken');
    writeFileSync(file, '');
    const logger = createLogger('x', join(file, 'below.log'));
    logger.info('dropped');
    logger.flush();
  });

  test('goes on where the last program stopped', () => {
    const file = join(folder, 'engine.log');
    for (const word of ['first', 'second']) {
      const sink = rotatingFile(file, 1_000);
      sink.write(`${word}\n`);
      sink.flush();
    }
    expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
  });

  test('the logger writes JSON lines without secrets', () => {
    const file = join(folder, 'x.log');
    const logger = createLogger('x', file);
    logger.info({ token: 'hidden-value', err: new Error('bad password=hidden-value') }, 'hello');
    logger.flush();
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({ msg: 'hello', pid: process.pid });
    expect(text).not.toContain('hidden-value');
  });
});
