/** Files that should not be, or not yet: paths that lead elsewhere, uploads that break off, and what they leave. */
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openMlflow } from './testing.ts';

let mlflow: Awaited<ReturnType<typeof openMlflow>>;
let port: number;
beforeEach(async () => {
  mlflow = await openMlflow();
  port = Number(new URL(mlflow.base).port);
});
afterEach(() => mlflow.close());

const FILES = '/api/2.0/mlflow-artifacts/artifacts';
const temporaries = () => readdirSync(join(mlflow.context.paths.root, 'blobs', 'tmp'));
const blobs = () => mlflow.context.db.prepare('SELECT COUNT(*) FROM blob').pluck().get();

/** As it is: fetch would tidy the path. */
function raw(method: string, path: string, body?: string) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

describe('a path that leads elsewhere', () => {
  const WAYS = [
    ...[
      '..',
      '../x',
      'a/../../x',
      '../../../../etc/passwd',
      '/etc/passwd',
      '//etc/passwd',
      '.',
      './x',
      'a/./b',
      'a//b',
    ],
    ...['%2e%2e', '%2e%2e/x', '%2E%2E%2Fx', '..%2fx', 'a%2f..%2f..%2fx', '%2fetc%2fpasswd'],
    ...['%252e%252e/x', '%252e%252e%252fx', '%25252e%25252e/x'],
    ...['a%00b', '%00', 'a%2500b', '..%00/x', 'a%0ab', 'a%0d%0ab', 'a%7f', '%1b'],
    ...['..%5cx', '%5c..%5cx', 'a%5c..%5c..%5cx', '..%255cx', 'C:%5cx', '%5c%5chost%5cshare'],
    ...['%c0%ae%c0%ae/x', '%e0%80%ae%e0%80%ae/x', '%ff', '%'],
  ];
  test.each(WAYS)('%s is no path of a file', async (way) => {
    for (const method of ['PUT', 'GET', 'DELETE'])
      expect({
        method,
        ...(await raw(method, `${FILES}/0/${way}`, method === 'PUT' ? 'x' : undefined)),
      }).toMatchObject({
        method,
        status: 400,
        text: expect.stringContaining('INVALID_PARAMETER_VALUE'),
      });
    expect({ blobs: blobs(), temporaries: temporaries() }).toEqual({ blobs: 0, temporaries: [] });
  });

  test.each(['..', '../x', '/etc', 'a\u0000b', 'a\\..\\b', '%2e%2e/x', '%252e%252e/x', 'a/../..', 'C:\\x'])(
    '%j is none in a query either',
    async (path) => {
      const { info } = await mlflow.newRun();
      const query = new URLSearchParams({ path, run_id: info.run_id, run_uuid: info.run_id });
      for (const [method, address] of [
        ['GET', `${FILES}?`],
        ['GET', '/api/2.0/mlflow/artifacts/list?'],
        ['GET', '/get-artifact?'],
        ['POST', '/ajax-api/2.0/mlflow/upload-artifact?'],
      ] as const)
        expect({ address, ...(await raw(method, `${address}${query}`, 'x')) }).toMatchObject({
          address,
          status: 400,
        });
    },
  );

  test('with percent signs, as MLflow names its images, is one', async () => {
    const { info } = await mlflow.newRun();
    const names = ['a#x%step%10%timestamp%1732%0a1b.png', '100%', '%41', '%2e', 'a%25b%zz', '%e4'];
    for (const name of names)
      expect(
        (await mlflow.putFile(`0/${info.run_id}/artifacts/${encodeURIComponent(name)}`, name)).status,
      ).toBe(200);
    const files = (await mlflow.good('GET', `artifacts/list?run_id=${info.run_id}`)).files as {
      path: string;
    }[];
    expect(files.map(({ path }) => path).toSorted()).toEqual(names.toSorted());
  });

  test.each(['C:/x', 'c:x', 'C:'])('%s is a drive, not a folder of ours', async (path) => {
    expect((await raw('PUT', `${FILES}/${path}`, 'x')).status).toBe(400);
  });

  test('of 4,096 bytes is the longest', async () => {
    expect((await raw('PUT', `${FILES}/${'a'.repeat(4096)}`, 'x')).status).toBe(200);
    expect((await raw('PUT', `${FILES}/${'a'.repeat(4097)}`, 'x')).status).toBe(400);
  });
});

describe('an upload that breaks off', () => {
  const head = (path: string, length: string) =>
    `PUT ${FILES}/${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${length}\r\n\r\n`;
  /** Sends so much, waits until it lies half-written on the disk, then does `leave`. */
  async function half(path: string, length: string, part: string, leave: 'destroy' | 'end') {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(head(path, length) + part);
    await vi.waitFor(() => expect(temporaries()).toHaveLength(1));
    if (leave === 'destroy') socket.destroy();
    else socket.end();
    await vi.waitFor(() => expect(temporaries()).toEqual([]));
    socket.destroy();
  }

  test.each([
    ['goes away', 'Content-Length: 100000', 'x'.repeat(500), 'destroy'],
    ['ends too early', 'Content-Length: 100000', 'x'.repeat(500), 'end'],
    ['goes away between chunks', 'Transfer-Encoding: chunked', `1f4\r\n${'x'.repeat(500)}\r\n`, 'destroy'],
    ['breaks a chunk', 'Transfer-Encoding: chunked', `fff\r\n${'x'.repeat(500)}`, 'end'],
    ['sends no chunk', 'Transfer-Encoding: chunked', `5\r\nhello\r\nnonsense\r\n`, 'end'],
  ] as const)('whose client %s leaves nothing', async (_, length, part, leave) => {
    const { info } = await mlflow.newRun();
    const path = `0/${info.run_id}/artifacts/file.bin`;
    await half(path, length, part, leave);
    expect((await raw('GET', `${FILES}/${path}`)).status).toBe(404);
    expect((await mlflow.good('GET', `artifacts/list?run_id=${info.run_id}`)).files).toEqual([]);
    expect(blobs()).toBe(0);
  });

  test('leaves what lay there before', async () => {
    const { info } = await mlflow.newRun();
    const path = `0/${info.run_id}/artifacts/file.bin`;
    await mlflow.putFile(path, 'before');
    await half(path, 'Content-Length: 100000', 'x'.repeat(500), 'destroy');
    expect((await raw('GET', `${FILES}/${path}`)).text).toBe('before');
  });

  test('does not hinder others, and of two to one place one wins whole', async () => {
    const { info } = await mlflow.newRun();
    const path = `0/${info.run_id}/artifacts/file.bin`;
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head(path, 'Content-Length: 100000')}half`);
    await vi.waitFor(() => expect(temporaries()).toHaveLength(1));
    const bodies = ['a', 'b', 'c'].map((letter) => letter.repeat(300_000));
    const answers = await Promise.all(bodies.map((body) => mlflow.putFile(path, body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(bodies).toContain((await raw('GET', `${FILES}/${path}`)).text);
    socket.destroy();
    await vi.waitFor(() => expect(temporaries()).toEqual([]));
  });
});

describe('upload-artifact', () => {
  const send = (query: string, body: string | Uint8Array) =>
    fetch(`${mlflow.base}/ajax-api/2.0/mlflow/upload-artifact?${query}`, {
      method: 'POST',
      body: body as string,
    });

  test('takes 10 MB, and answers more with its limit though the client still sends', async () => {
    const { info } = await mlflow.newRun();
    const most = Buffer.alloc(10 * 1024 * 1024, 1);
    expect((await send(`run_uuid=${info.run_id}&path=a/most`, most)).status).toBe(200);
    const more = await send(`run_uuid=${info.run_id}&path=more`, Buffer.alloc(most.length + 1, 1));
    expect(await more.json()).toEqual({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: 'Artifact size is too large. Max size is 10MB.',
    });
    const files = (await mlflow.good('GET', `artifacts/list?run_id=${info.run_id}`)).files;
    expect(files).toEqual([{ path: 'a', is_dir: true }]);
    expect(temporaries()).toEqual([]);
  });

  test('without announcing how much comes is counted as it comes', async () => {
    const { info } = await mlflow.newRun();
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port, method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
          path: `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${info.run_id}&path=more`,
        },
        (response) => resolve(response.resume().statusCode ?? 0),
      );
      sent.on('error', reject);
      for (let at = 0; at < 11; at++) sent.write(Buffer.alloc(1024 * 1024));
      sent.end();
    });
    expect(status).toBe(400);
    await vi.waitFor(() => expect(temporaries()).toEqual([]));
    expect(blobs()).toBe(0);
  });

  test('says what is missing', async () => {
    const { info } = await mlflow.newRun();
    for (const [query, body, message] of [
      ['path=x', 'x', 'Request must specify run_uuid.'],
      [`run_uuid=${info.run_id}`, 'x', 'Request must specify path.'],
      [`run_uuid=${info.run_id}&path=x`, '', 'Request must specify data.'],
      ['run_uuid=nope&path=x', 'x', 'Run with id=nope not found'],
    ] as const)
      expect(await (await send(query, body)).json()).toMatchObject({ message });
  });
});
