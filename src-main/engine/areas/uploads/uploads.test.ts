import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UPLOAD_LIMIT_BYTES } from '../../../contract/uploads.ts';
import { canMount, mountTmpfs } from '../../data/testing.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createUploadService, type UploadService } from './uploads.service.ts';

let context: TestContext;
let uploads: UploadService;
beforeEach(async () => {
  context = await openTestContext();
  uploads = createUploadService(context);
});
afterEach(async () => {
  await uploads.close();
  await context.close();
});

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const leftovers = () => readdirSync(context.paths.uploads);

describe('an upload', () => {
  test('in any pieces, each sent any number of times, gives the same file', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 3 })), {
          maxLength: 8,
        }),
        async (pieces) => {
          const whole = Buffer.concat(pieces.map(([bytes]) => bytes));
          const id = await uploads.begin('model.onnx', whole.length);
          let offset = 0;
          for (const [bytes, times] of pieces) {
            for (let n = 0; n < times; n++)
              expect(await uploads.chunk(id, offset, base64(bytes))).toBe(offset + bytes.length);
            offset += bytes.length;
          }
          const taken = await uploads.take(id);
          expect(readFileSync(taken.file).equals(whole)).toBe(true);
          await taken.discard();
        },
      ),
      { numRuns: 30 },
    );
    expect(leftovers()).toEqual([]);
  });

  test('is handed over once', async () => {
    const id = await uploads.begin('../..\\evil/m.onnx', 2);
    await uploads.chunk(id, 0, base64(Buffer.from('ab')));
    expect(await uploads.take(id)).toMatchObject({ fileName: 'm.onnx', size: 2 });
    await expect(uploads.take(id)).rejects.toMatchObject({ code: 'LATHE_NOT_FOUND' });
  });

  test('with a gap, or cut short, is refused and can be mended', async () => {
    const id = await uploads.begin('m', 6);
    await uploads.chunk(id, 0, base64(Buffer.from('ab')));
    await expect(uploads.chunk(id, 4, base64(Buffer.from('ef')))).rejects.toMatchObject({
      code: 'LATHE_BLOB_MISMATCH',
    });
    await expect(uploads.take(id)).rejects.toMatchObject({ code: 'LATHE_BLOB_MISMATCH' });
    await uploads.chunk(id, 2, base64(Buffer.from('cdef')));
    expect(readFileSync((await uploads.take(id)).file, 'utf8')).toBe('abcdef');
  });

  test('that outgrows its announced size is refused and removed', async () => {
    const id = await uploads.begin('m', 3);
    await expect(uploads.chunk(id, 0, base64(Buffer.from('abcd')))).rejects.toMatchObject({
      code: 'LATHE_BLOB_MISMATCH',
    });
    expect(leftovers()).toEqual([]);
    await expect(uploads.chunk(id, 0, base64(Buffer.from('abc')))).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
  });

  test('that is too large, or is not base64, is refused', async () => {
    await expect(uploads.begin('m', UPLOAD_LIMIT_BYTES + 1)).rejects.toMatchObject({
      code: 'LATHE_UPLOAD_TOO_LARGE',
    });
    const id = await uploads.begin('m', 10);
    for (const junk of ['%%%%', 'abc', 'a===', 'ab\ncd=='])
      await expect(uploads.chunk(id, 0, junk)).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
  });

  test('is removed by a cancel, once', async () => {
    const id = await uploads.begin('m', 10);
    const late = uploads.chunk(id, 0, base64(Buffer.from('abc')));
    expect(await uploads.abort(id)).toBe(true);
    expect(await uploads.abort(id)).toBe(false);
    await late;
    expect(leftovers()).toEqual([]);
  });

  test('is removed after half an hour of silence, not before', async () => {
    const id = await uploads.begin('m', 10);
    context.clock.advance(20 * 60_000);
    await uploads.chunk(id, 0, base64(Buffer.from('ab')));
    context.clock.advance(29 * 60_000);
    await uploads.expire();
    expect(leftovers()).toHaveLength(1);
    context.clock.advance(2 * 60_000);
    await uploads.expire();
    expect(leftovers()).toEqual([]);
    await expect(uploads.chunk(id, 2, base64(Buffer.from('cd')))).rejects.toMatchObject({
      code: 'LATHE_NOT_FOUND',
    });
  });

  test('pieces that come at once are written in their order', async () => {
    const bytes = randomBytes(50_000);
    const id = await uploads.begin('m', bytes.length);
    const sent = [];
    for (let at = 0; at < bytes.length; at += 1_000)
      sent.push(uploads.chunk(id, at, base64(bytes.subarray(at, at + 1_000))));
    await Promise.all(sent);
    expect(readFileSync((await uploads.take(id)).file).equals(bytes)).toBe(true);
  });

  test('too many at once are refused', async () => {
    for (let n = 0; n < 32; n++) await uploads.begin('m', 1);
    await expect(uploads.begin('m', 1)).rejects.toMatchObject({ code: 'LATHE_INPUT_INVALID' });
  });

  test.runIf(canMount)('on a disk that fills up is refused and removed', async () => {
    const folder = join(context.paths.run, 'small');
    mkdirSync(folder);
    const unmount = mountTmpfs(folder, 'size=256k');
    try {
      const small = createUploadService({ ...context, paths: { ...context.paths, uploads: folder } });
      const id = await small.begin('m', 1_000_000);
      await expect(small.chunk(id, 0, base64(randomBytes(400_000)))).rejects.toMatchObject({
        code: 'LATHE_WORKSPACE_DISK_FULL',
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      unmount();
    }
  });
});
