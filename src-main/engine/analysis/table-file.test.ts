/** Files as people have them: what is wrong with one is said in words that they can act on, and without its path. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LatheError } from '../../contract/errors.ts';
import { openDuck } from './duck.ts';
import type { JobTools } from './protocol.ts';
import { openTable } from './table-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lathe-table-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sample = readFileSync(new URL('../../../resources/sample/flights.parquet', import.meta.url));
const changed = (change: (bytes: Buffer) => void) => {
  const bytes = Buffer.from(sample);
  change(bytes);
  return bytes;
};

async function table(name: string, content?: string | Uint8Array) {
  const path = join(folder, name);
  if (content !== undefined) writeFileSync(path, content);
  const tools = { temporary: folder, duck: openDuck } as Partial<JobTools> as JobTools;
  const { duck, rows, columns } = await openTable(tools, { path, name: 'mine' });
  duck.close();
  return { rows, columns: columns.map((column) => column.name) };
}
const refusal = (name: string, content?: string | Uint8Array) =>
  table(name, content).then(
    () => 'taken',
    (thrown: LatheError) => `${thrown.code} ${thrown.details.reason}`,
  );

/** More than what a reader looks at before it begins. */
const many = (line: string) => line.repeat(60_000);

describe('a file that is no table', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');
  it.each<[string, string, string | Uint8Array | undefined, string]>([
    ['that is missing', 'missing.csv', undefined, 'it is not there'],
    ['in a folder that is none', 'a.csv/b.csv', undefined, 'it is not there'],
    ['that is empty', 'empty.csv', '', 'it is empty'],
    ['with bytes of a picture', 'p.csv', Uint8Array.of(0x89, 0x50, 0, 1), 'it is neither Parquet nor text'],
    [
      'of bytes without a zero',
      'b.csv',
      Uint8Array.from({ length: 9_000 }, (_, at) => 1 + ((at * 7_919) % 255)),
      'a line has another number of fields than the first one, or a quoted field does not end',
    ],
    ['cut off', 'cut.parquet', sample.subarray(0, 100_000), 'it is a Parquet file whose end is missing'],
    [
      'of its first and last four bytes',
      'no.parquet',
      'PAR1PAR1',
      'it is a Parquet file whose end is missing',
    ],
    ['without an inside', 'no.parquet', 'PAR1\u0000\u0000\u0000\u0000PAR1', 'it is a damaged Parquet file'],
    [
      'with a damaged footer',
      'f.parquet',
      changed((bytes) => void bytes.fill(7, bytes.length - 2_000, bytes.length - 8)),
      'it is a damaged Parquet file',
    ],
    [
      'with a footer longer than it',
      'l.parquet',
      changed((bytes) => void bytes.writeUInt32LE(0x7fff_ffff, bytes.length - 8)),
      'it is a damaged Parquet file',
    ],
    [
      'with a ragged line',
      'r.csv',
      'a,b\n1,2\n1,2,3,4\n',
      'a line has another number of fields than the first one, or a quoted field does not end',
    ],
    [
      'with a short line',
      's.csv',
      'a,b\n1,2\n1\n',
      'a line has another number of fields than the first one, or a quoted field does not end',
    ],
    [
      'with a ragged line far down',
      'rr.csv',
      `a,b\n${many('1,2\n')}1,2,3\n`,
      'a line has another number of fields than the first one (line 60002)',
    ],
    [
      'whose line talks of quotes and utf-8',
      'w.csv',
      `a,b\n${many('1,2\n')}unterminated quote,utf-8,3\n`,
      'a value is of another type than those before it in its column (line 60002)',
    ],
    ['in Latin-1', 'z.csv', latin('a,b\n1,Zürich\n2,Bern\n'), 'its text is not in UTF-8 (line 2)'],
    [
      'in Latin-1 far down',
      'zz.csv',
      latin(`a,b\n${many('1,2\n')}1,Zürich\n`),
      'its text is not in UTF-8 (line 60002)',
    ],
    [
      'with a quote that does not end',
      'q.csv',
      'a,b\n1,"x\n2,y\n',
      'a line has another number of fields than the first one, or a quoted field does not end',
    ],
    [
      'with a quote far down that does not end',
      'qq.csv',
      `a,b\n${many('1,2\n')}1,"x\n`,
      'a quoted field does not end (line 60002)',
    ],
    [
      'with a line of 3 MB',
      'long.csv',
      `a,b\n1,${'x'.repeat(3_000_000)}\n`,
      'a line is longer than 2 MB (line 1)',
    ],
    ['of empty lines', 'n.csv', '\n\n', 'its first line has no name for column 1'],
  ])('%s is refused with words', async (_, name, content, words) => {
    expect(await refusal(name, content)).toBe(`LATHE_DATA_FILE ${words}`);
  });

  it('but a folder is refused with words', async () => {
    mkdirSync(join(folder, 'folder.csv'));
    expect(await refusal('folder.csv')).toBe('LATHE_DATA_FILE it is not a file');
  });

  it('is not blamed for what no file can bring about', async () => {
    const path = join(folder, 'fine.csv');
    writeFileSync(path, 'a,b\n1,2\n');
    // Nothing may be opened: DuckDB refuses it by its own rules.
    const tools = {
      temporary: folder,
      duck: () => openDuck({ files: [], temporary: join(folder, 'other') }),
    };
    await expect(openTable(tools as Partial<JobTools> as JobTools, { path, name: 'mine' })).rejects.toThrow(
      /^Permission Error/,
    );
  });
});

it('a file that is a table is read: Parquet, CSV, UTF-16, a header without rows, old line ends', async () => {
  expect((await table('whole.bin', sample)).rows).toBe(327_346);
  const both = { columns: ['a', 'b'] };
  expect(await table('one.csv', 'a;b\r\n1;"x;\r\ny"\r\n')).toEqual({ ...both, rows: 1 });
  expect(await table('wide.csv', Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'))).toEqual({ ...both, rows: 1 });
  expect(await table('none.csv', 'a,b\n')).toEqual({ ...both, rows: 0 });
  expect(await table('old.csv', 'a,b\r1,2\r')).toEqual({ ...both, rows: 1 });
});
