/** `lathe gpu install`: fetches ONNX Runtime's CUDA files, or removes them, and says what is still missing. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LatheError } from '../contract/errors.ts';
import {
  CUDA_PACKAGE,
  cudaFolder,
  cudaSupported,
  devicesFolder,
  ORT_VERSION,
  runtimeLibrary,
} from '../platform/devices/cuda-files.ts';
import { installCuda, removeCuda } from '../platform/devices/cuda-install.ts';
import { devicesNow, devicesText } from './gpu.ts';
import { parse } from './options.ts';
import { type ExitCode, print, printJson, UsageError } from './output.ts';

export async function gpuInstall(argv: readonly string[]): Promise<ExitCode> {
  const { values } = parse(argv, {
    file: { type: 'string' },
    remove: { type: 'boolean' },
    workspace: { type: 'string' },
  });
  const json = values.json === true;
  if (values.remove && values.file !== undefined) throw new UsageError('--file does not go with --remove');
  const devices = devicesFolder();
  const done = values.remove ? remove(devices) : await install(devices, values.file, json);
  const found = await devicesNow(values.workspace, true);
  if (json) printJson({ ok: true, done, folder: cudaFolder(devices), devices: found });
  else print(`${WORDS[done]}\n\n${devicesText(found)}`);
  return 0;
}

const WORDS = {
  installed: `The CUDA files of ONNX Runtime ${ORT_VERSION} are installed and checked.`,
  present: 'They were there already, and are whole.',
  removed: 'The CUDA files were removed.',
  absent: 'There was nothing to remove.',
} as const;

const remove = (devices: string): keyof typeof WORDS => (removeCuda(devices) ? 'removed' : 'absent');

async function install(
  devices: string,
  file: string | undefined,
  json: boolean,
): Promise<keyof typeof WORDS> {
  if (!cudaSupported()) {
    const platform = `${process.platform} ${process.arch}`;
    throw new LatheError('LATHE_DEVICES_UNSUPPORTED', { provider: 'CUDA', version: ORT_VERSION, platform });
  }
  if (file !== undefined && !existsSync(file))
    throw new LatheError('LATHE_NOT_FOUND', { kind: 'file', name: file });
  const source = file === undefined ? { registry: await npmRegistry() } : { file: resolve(file) };
  const cancel = new AbortController();
  const onSignal = () => cancel.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  const progress = progressTo(process.stderr, json);
  try {
    const options = { devices, source, runtime: runtimeLibrary(), signal: cancel.signal };
    return (await installCuda({ ...options, onProgress: progress.show })) ? 'installed' : 'present';
  } finally {
    progress.end();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, onSignal);
  }
}

/** What npm itself would ask, with all its configuration files; npm's own default where there is no npm. */
function npmRegistry(): Promise<string> {
  const fallback = 'https://registry.npmjs.org/';
  return new Promise((done) => {
    execFile('npm', ['config', 'get', 'registry'], { timeout: 15_000 }, (failed, out) => {
      const said = out?.trim() ?? '';
      done(failed || !/^https?:\/\//.test(said) ? fallback : said);
    });
  });
}

const REDRAW_MS = 200;

/** One line that is drawn over on a terminal; elsewhere a line for each quarter. */
function progressTo(out: NodeJS.WriteStream, silent: boolean) {
  const beginMs = performance.now();
  let shownMs = Number.NEGATIVE_INFINITY;
  let quarter = 0;
  let drawn = false;
  return {
    show(doneBytes: number, totalBytes: number): void {
      if (silent) return;
      const nowMs = performance.now();
      const part = doneBytes / totalBytes;
      const rate = doneBytes / 1e6 / Math.max(0.001, (nowMs - beginMs) / 1000);
      const text = `${CUDA_PACKAGE.name}: ${Math.floor(part * 100)} % of ${Math.round(totalBytes / 1e6)} MB, ${rate.toFixed(1)} MB/s`;
      if (out.isTTY) {
        if (nowMs - shownMs < REDRAW_MS && part < 1) return;
        shownMs = nowMs;
        drawn = true;
        out.write(`\r\u001b[K${text}`);
      } else if (Math.floor(part * 4) > quarter) {
        quarter = Math.floor(part * 4);
        out.write(`${text}\n`);
      }
    },
    end(): void {
      if (drawn) out.write('\n');
    },
  };
}
