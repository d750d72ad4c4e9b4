import { createRouterClient } from '@orpc/server';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createArtifactsArea } from './index.ts';

let context: TestContext;
let area: ReturnType<typeof createArtifactsArea>;
let run: string;
let root: string;
beforeEach(async () => {
  context = await openTestContext();
  const { experiments, tracking } = createExperimentsArea(context);
  area = createArtifactsArea(context, { rootOf: tracking.artifactRoot });
  const experimentId = experiments.ensureExperiment('e');
  run = experiments.createRun({ experimentId, name: 'r', startedMs: 1 });
  root = (tracking.artifactRoot(run) ?? '').replace('mlflow-artifacts:/', '').replace(/^\/+/, '');
});
afterEach(() => context.close());

const api = () => createRouterClient(area.routes);
const put = (path: string, content: string | Uint8Array = path) =>
  area.artifacts.put(`${root}/${path}`, chunks(Buffer.from(content)));
async function* chunks(bytes: Uint8Array) {
  yield bytes;
}
const shown = (entries: { name: string; isFolder: boolean }[]) =>
  entries.map(({ name, isFolder }) => (isFolder ? `${name}/` : name));
const refusal = (code: string) => expect.objectContaining({ code });

describe('a list', () => {
  test('is of one level, with the sizes of folders', async () => {
    for (const path of ['a.txt', 'plots/one.png', 'plots/deep/two.png', 'plots-b/x', 'plots!/y', 'z/0'])
      await put(path, 'ten bytes!');
    const { entries, next } = await api().list({ runId: run, folder: '' });
    expect(shown(entries)).toEqual(['a.txt', 'plots!/', 'plots-b/', 'plots/', 'z/']);
    expect(entries[3]).toEqual({ name: 'plots', path: 'plots', isFolder: true, size: 20, files: 2 });
    expect(next).toBeNull();
    const below = await api().list({ runId: run, folder: 'plots/deep' });
    expect(below.entries).toEqual([
      { name: 'two.png', path: 'plots/deep/two.png', isFolder: false, size: 10, files: 1 },
    ]);
  });

  test('of a folder that is not there is empty', async () => {
    expect(await api().list({ runId: run, folder: 'nothing/here' })).toEqual({
      entries: [],
      next: null,
      elsewhere: null,
    });
  });

  test('comes in pages that together hold every name once', async () => {
    const count = 1_203;
    const insert = context.db.prepare(
      'INSERT INTO artifact(path, sha256, size, created_ms) VALUES (?, ?, 1, 1)',
    );
    const { sha256 } = await context.blobs.put(Buffer.from('x'));
    const names = Array.from({ length: count }, (_, at) =>
      at % 3 === 0 ? `n${at}` : at % 3 === 1 ? `n${at - 1}-b` : `n${at}/in`,
    );
    context.db.transaction(() => names.forEach((name) => void insert.run(`${root}/${name}`, sha256)))();
    const found: string[] = [];
    let after: string | null = null;
    do {
      const page = await api().list({ runId: run, folder: '', after });
      expect(page.entries.length).toBeLessThanOrEqual(500);
      found.push(...shown(page.entries));
      after = page.next;
    } while (after !== null);
    const wanted = names.map((name) => name.replace(/\/in$/, '/'));
    expect(found.length).toBe(wanted.length);
    expect(new Set(found)).toEqual(new Set(wanted));
  });

  test('says where files are that another program keeps', async () => {
    context.db.prepare("UPDATE experiment SET artifact_location = 's3://bucket/e' WHERE name = 'e'").run();
    const { entries, elsewhere } = await api().list({ runId: run, folder: '' });
    expect({ entries, elsewhere }).toEqual({ entries: [], elsewhere: `s3://bucket/e/${run}/artifacts` });
    await expect(api().read({ runId: run, path: 'x' })).rejects.toEqual(refusal('LATHE_NOT_FOUND'));
  });
});

describe('a file to look at', () => {
  test('is text, an image or nothing that can be shown', async () => {
    await put('größe.txt', 'Grüße\n');
    await put('dot.PNG', Uint8Array.of(1, 2, 3));
    await put('drawing.svg', '<svg/>');
    await put('model.bin', Uint8Array.of(0, 1, 2));
    await put('latin1.txt', Uint8Array.of(0x67, 0xfc, 0x6e));
    await put('odd.constructor', 'text');
    const read = (path: string) => api().read({ runId: run, path });
    expect(await read('größe.txt')).toMatchObject({ kind: 'text', content: 'Grüße\n', whole: true, size: 8 });
    expect(await read('dot.PNG')).toMatchObject({ kind: 'image', type: 'image/png', content: 'AQID' });
    expect(await read('drawing.svg')).toMatchObject({ kind: 'image', type: 'image/svg+xml' });
    expect(await read('model.bin')).toMatchObject({ kind: 'none', content: '', size: 3 });
    expect(await read('latin1.txt')).toMatchObject({ kind: 'none' });
    expect(await read('odd.constructor')).toMatchObject({ kind: 'text' });
  });

  test('that is large gives its beginning, cut between characters', async () => {
    const text = 'é'.repeat(600_000);
    await put('large.txt', text);
    const { kind, content, whole, size } = await api().read({ runId: run, path: 'large.txt' });
    expect({ kind, whole, size }).toEqual({ kind: 'text', whole: false, size: 1_200_000 });
    expect(text.startsWith(content)).toBe(true);
    expect(content.length).toBe(512 * 1024);
    await put('odd.txt', `a${text}`);
    expect((await api().read({ runId: run, path: 'odd.txt' })).content.length).toBe(512 * 1024);
  });

  test('that is an image too large to show is not sent', async () => {
    await put('large.png', Buffer.alloc(8 * 1024 * 1024 + 1));
    expect(await api().read({ runId: run, path: 'large.png' })).toMatchObject({ kind: 'none', content: '' });
  });
});

test('the pieces of a file are the file', async () => {
  const bytes = Buffer.from(Array.from({ length: 2_500_000 }, (_, at) => (at * 7919) % 251));
  const { sha256 } = await put('model.bin', bytes);
  const parts: Buffer[] = [];
  let offset = 0;
  for (;;) {
    const piece = await api().piece({ runId: run, path: 'model.bin', offset });
    expect({ size: piece.size, sha256: piece.sha256 }).toEqual({ size: bytes.length, sha256 });
    const part = Buffer.from(piece.bytes, 'base64');
    if (part.length === 0) break;
    parts.push(part);
    offset += part.length;
  }
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
});

describe('what is not a run’s own file', () => {
  const OUTSIDE = [
    '..',
    '../secret.txt',
    'a/../../secret.txt',
    '/etc/passwd',
    '//etc/passwd',
    'a//b',
    './a',
    '%2e%2e/secret.txt',
    '%252e%252e%252fsecret.txt',
    '..%2fsecret.txt',
    'a\\..\\secret.txt',
    'C:/secret.txt',
    'a\u0000.txt',
    'a%00.txt',
  ];
  test.each(OUTSIDE)('%j is refused, to read, to keep and as a folder', async (path) => {
    const other = `${root.replace(/artifacts$/, '')}secret.txt`;
    await area.artifacts.put(other, chunks(Buffer.from('secret')));
    for (const call of [
      api().read({ runId: run, path }),
      api().piece({ runId: run, path, offset: 0 }),
      api().list({ runId: run, folder: path }),
    ])
      await expect(call).rejects.toEqual(refusal('LATHE_INPUT_INVALID'));
  });

  test('any path reads a file of the run or fails with a code', async () => {
    await put('in.txt', 'mine');
    await area.artifacts.put('elsewhere/in.txt', chunks(Buffer.from('not mine')));
    const part = fc.constantFrom('..', '.', '', 'in.txt', 'elsewhere', '%2e%2e', '%2f', '\u0000', 'x');
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 8 }), async (parts) => {
        const path = parts.join('/') || '.';
        const content = await api()
          .read({ runId: run, path })
          .then(
            (answer) => answer.content,
            (thrown: { code?: string }) => thrown.code,
          );
        expect(['mine', 'LATHE_NOT_FOUND', 'LATHE_INPUT_INVALID']).toContain(content);
      }),
    );
  });

  test('a page cannot begin outside its folder', async () => {
    await put('a/1');
    await area.artifacts.put('0-other', chunks(Buffer.from('x')));
    await area.artifacts.put('~other', chunks(Buffer.from('x')));
    for (const after of ['', '../', '\u0000', '~', '../../'])
      for (const { path } of (await api().list({ runId: run, folder: 'a', after })).entries)
        expect(path).toBe('a/1');
  });

  test('an unknown run and an unknown file are not found', async () => {
    await expect(api().list({ runId: 'no-such-run', folder: '' })).rejects.toEqual(
      refusal('LATHE_NOT_FOUND'),
    );
    await expect(api().read({ runId: run, path: 'none.txt' })).rejects.toEqual(refusal('LATHE_NOT_FOUND'));
  });
});
