/** For tests only: jobs that do what a test needs done in the analysis process. */
import { LatheError } from '../../contract/errors.ts';
import type { AnalysisJob } from './protocol.ts';
import { quoted } from './sql.ts';

type Input =
  | { do: 'query'; sql: string; files?: string[]; params?: (string | number)[]; memoryBytes?: number }
  | { do: 'numbers'; count: number }
  | { do: 'table' }
  | { do: 'lathe-error' }
  | { do: 'count'; table: string }
  | { do: 'exit'; signal: NodeJS.Signals }
  | { do: 'pid' };

export const run: AnalysisJob<Input, unknown> = async (input, tools) => {
  const open = (files: string[] = [], memoryBytes?: number) =>
    tools.duck({ files, temporary: tools.temporary, ...(memoryBytes ? { memoryBytes } : {}) });
  switch (input.do) {
    case 'query': {
      tools.progress(0.5, 'half-way');
      const duck = await open(input.files, input.memoryBytes);
      return { result: await duck.rows(input.sql, input.params) };
    }
    case 'numbers': {
      const duck = await open();
      const values = await duck.numbers(
        'SELECT CAST(i AS DOUBLE) FROM range(?) AS t(i)',
        [input.count],
        input.count,
      );
      return {
        result: values.length,
        body: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      };
    }
    case 'table': {
      const duck = await open();
      const name = quoted('a "b"; --');
      await duck.run(`CREATE TABLE t(${name} DOUBLE, s VARCHAR)`);
      await duck.append('t', [
        [1.5, null],
        ['x', "it's"],
      ]);
      return { result: await duck.rows(`SELECT ${name}, s FROM t`) };
    }
    case 'count':
      return { result: tools.database().prepare(`SELECT count(*) FROM ${input.table}`).pluck().get() };
    case 'lathe-error':
      throw new LatheError('LATHE_DATA_FILE', { file: 'a.csv', reason: 'it is not there' });
    case 'exit':
      process.kill(process.pid, input.signal);
      return new Promise(() => {});
    case 'pid':
      return { result: process.pid };
  }
};
