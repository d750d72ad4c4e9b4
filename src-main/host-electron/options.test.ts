import { describe, expect, it } from 'vitest';
import { parseDesktopOptions } from './options.ts';

const parse = (...argv: string[]) => parseDesktopOptions(argv, '/home/ada');

describe('parseDesktopOptions', () => {
  it('resolves paths against the working directory and keeps port 0', () => {
    expect(
      parse('--workspace', 'flights', '--http-port', '0', '--mlflow-port=5001', '--sample'),
    ).toMatchObject({
      workspace: '/home/ada/flights',
      sample: true,
      ports: { inferenceHttp: 0, mlflow: 5001 },
    });
  });

  it('lives with Chromium’s switches and with nonsense', () => {
    expect(parse('--no-sandbox', '--inspect=0', '.', '--http-port=99999', '--grpc-port=x')).toMatchObject({
      workspace: null,
      ports: {},
    });
  });
});
