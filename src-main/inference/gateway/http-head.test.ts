import { createServer } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHead } from './http-head.ts';

const head = (lines: string[], start = 'POST /v2/models/m/infer HTTP/1.1') =>
  [start, ...lines, '', ''].join('\r\n');
const read = (text: string, most = 1_000) => readHead(Buffer.from(text, 'latin1'), most);
const PLAIN = ['Host: localhost:8000', 'Content-Length: 3'];

describe('a plain head', () => {
  it('gives path, headers and where the body lies', () => {
    const text = head([...PLAIN, 'X-Lathe-Unit:  AA 12 ', 'accept:*/*', 'Connection: Keep-Alive']);
    expect(read(`${text}{}\n`)).toMatchObject({
      url: '/v2/models/m/infer',
      headers: { host: 'localhost:8000', 'content-length': '3', 'x-lathe-unit': 'AA 12', accept: '*/*' },
      begin: text.length,
      end: text.length + 3,
    });
    expect(read(head(PLAIN, 'POST /v2/models/a%20b/versions/12/infer HTTP/1.1'))).toMatchObject({
      url: '/v2/models/a%20b/versions/12/infer',
    });
  });

  it('is waited for while it may become one', () => {
    const whole = head(PLAIN);
    for (let length = 0; length < whole.length; length++) expect(read(whole.slice(0, length))).toBe('more');
  });

  const others: Record<string, string> = {
    'another verb': head(PLAIN, 'GET /v2/models/m/infer HTTP/1.1'),
    'another path': head(PLAIN, 'POST /v2/models/m/load HTTP/1.1'),
    'a query': head(PLAIN, 'POST /v2/models/m/infer?x=1 HTTP/1.1'),
    'an absolute address': head(PLAIN, 'POST http://localhost/v2/models/m/infer HTTP/1.1'),
    'HTTP/1.0': head(PLAIN, 'POST /v2/models/m/infer HTTP/1.0'),
    'no host': head(['Content-Length: 3']),
    'no length': head(['Host: localhost']),
    'two lengths': head([...PLAIN, 'Content-Length: 3']),
    'two lengths, spelled differently': head([...PLAIN, 'content-length: 4']),
    'a list of lengths': head(['Host: localhost', 'Content-Length: 3, 3']),
    'a signed length': head(['Host: localhost', 'Content-Length: +3']),
    'a hexadecimal length': head(['Host: localhost', 'Content-Length: 0x3']),
    chunks: head([...PLAIN, 'Transfer-Encoding: chunked']),
    'a compressed body': head([...PLAIN, 'Content-Encoding: gzip']),
    'a question first': head([...PLAIN, 'Expect: 100-continue']),
    'the end of the connection': head([...PLAIN, 'Connection: close']),
    'another protocol': head([...PLAIN, 'Connection: Upgrade', 'Upgrade: websocket']),
    'a folded line': head(['Host: localhost', ' folded', 'Content-Length: 3']),
    'a space before the colon': head(['Host : localhost', 'Content-Length: 3']),
    'a line that ends with LF alone': `${head(PLAIN).replace('\r\nContent', '\nContent')}`,
    'a CR in a value': head([...PLAIN, 'X: a\rb']),
    'a NUL in a value': head([...PLAIN, 'X: a\0b']),
    'more than is allowed': head(['Host: localhost', 'Content-Length: 1001']),
    'a head that is too long': head([...PLAIN, `X: ${'x'.repeat(9_000)}`]),
    'a header twice': head([...PLAIN, 'Cookie: a=1', 'Cookie: b=2']),
  };
  for (const [name, text] of Object.entries(others))
    it(`is not one with ${name}`, () => expect(read(text)).toBe('other'));
});

it('what is read here is read by Node’s parser in the same way', async () => {
  const seen: { url?: string; headers: object; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
    });
    request.on('end', () => {
      seen.push({ url: request.url as string, headers: { ...request.headers }, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const ask = (bytes: Buffer) =>
    new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => {});
      socket.resume();
      socket.on('close', () => resolve());
    });
  // Pieces of heads, whole and broken, in any order: most are no plain head, and then nothing is claimed.
  const line = fc.constantFrom(
    ...[
      'Host: localhost',
      'Content-Length: 2',
      'content-length:2',
      'Content-Length: 02',
      'X-A: b',
      'X-A:',
      'x-b: \t c \t ',
    ],
    ...[
      'Transfer-Encoding: identity',
      'Connection: keep-alive',
      'X-É: é',
      'Bad Name: x',
      ' x',
      'X-C: \x7f',
      'Accept: */*',
    ],
  );
  const property = fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), async (lines) => {
    const bytes = Buffer.from(`${head(lines)}{}`, 'latin1');
    const found = readHead(bytes, 1_000);
    if (typeof found === 'string') return;
    seen.length = 0;
    await ask(bytes);
    const { url, headers, begin, end } = found;
    expect(seen).toEqual([{ url, headers: { ...headers }, body: bytes.toString('latin1', begin, end) }]);
  });
  await fc.assert(property, { numRuns: 300 });
  await new Promise((resolve) => server.close(resolve));
});
