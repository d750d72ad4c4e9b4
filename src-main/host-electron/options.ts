/** The desktop app's command line. Chromium's own switches stand beside ours, so unknown ones are not errors. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export type Ports = { inferenceHttp?: number; inferenceGrpc?: number; mlflow?: number };

export type DesktopOptions = {
  /** Folder to open; the last one, or the sample, when null. */
  workspace: string | null;
  /** Put the sample into the workspace when it is made. */
  sample: boolean;
  /** Overrides of the ports in Settings; 0 picks a free one. */
  ports: Ports;
  userDataDir: string | null;
  /** Run the smoke test, write its report to this file and quit. */
  smokeTest: string | null;
  /** Write the start-up marks to this file once the window shows data. */
  readyFile: string | null;
};

export function parseDesktopOptions(argv: readonly string[], cwd: string): DesktopOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: {
      workspace: { type: 'string' },
      sample: { type: 'boolean' },
      'http-port': { type: 'string' },
      'grpc-port': { type: 'string' },
      'mlflow-port': { type: 'string' },
      'user-data-dir': { type: 'string' },
      'smoke-test': { type: 'string' },
      'ready-file': { type: 'string' },
    },
  });
  const path = (value: unknown) => (typeof value === 'string' && value !== '' ? resolve(cwd, value) : null);
  const ports: Ports = {};
  const http = port(values['http-port']);
  const grpc = port(values['grpc-port']);
  const mlflow = port(values['mlflow-port']);
  if (http !== null) ports.inferenceHttp = http;
  if (grpc !== null) ports.inferenceGrpc = grpc;
  if (mlflow !== null) ports.mlflow = mlflow;
  return {
    workspace: path(values.workspace),
    sample: values.sample === true,
    ports,
    userDataDir: path(values['user-data-dir']),
    smokeTest: path(values['smoke-test']),
    readyFile: path(values['ready-file']),
  };
}

function port(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{1,5}$/.test(value)) return null;
  const number = Number(value);
  return number <= 65_535 ? number : null;
}
