/** Builds everything that runs into out/: the Node bundles with rolldown, the renderer with Vite. */
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { build as viteBuild } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What is not bundled: Electron itself, and packages with native files, which stay in node_modules. */
const external = [
  /^node:/,
  'electron',
  'better-sqlite3',
  'onnxruntime-node',
  /^@duckdb\//,
  'bufferutil',
  'utf-8-validate',
];

const NODE_ENTRIES = {
  'host-electron/main': 'src-main/host-electron/main.ts',
  'host-electron/engine': 'src-main/host-electron/engine-entry.ts',
  'cli/lathe': 'src-main/cli/main.ts',
  'inference/gateway': 'src-main/inference/gateway/main.ts',
  'inference/json-worker': 'src-main/inference/gateway/json-worker.ts',
  'inference/runner': 'src-main/inference/runner/main.ts',
  'inference/probe': 'src-main/inference/probe/main.ts',
  'engine/analysis': 'src-main/engine/analysis/main.ts',
  'engine/reader-worker': 'src-main/engine/data/reader-worker.ts',
  'engine/checkpoint-worker': 'src-main/engine/data/checkpoint-worker.ts',
  'engine/explore-jobs': 'src-main/engine/areas/explore/explore-jobs.ts',
  'engine/monitoring-timelines': 'src-main/engine/areas/monitoring/timeline-job.ts',
  'engine/raw-log-jobs': 'src-main/engine/areas/raw-log/raw-log-jobs.ts',
  'engine/reference-jobs': 'src-main/engine/areas/references/reference-jobs.ts',
  'engine/sample-jobs': 'src-main/engine/areas/sample/sample-jobs.ts',
  'engine/report-jobs': 'src-main/engine/areas/drift-reports/report-jobs.ts',
  'engine/report-worker': 'src-main/engine/areas/drift-reports/report-worker.ts',
  'engine/slice-scores-job': 'src-main/engine/areas/monitoring/slice-scores-job.ts',
  'engine/cohort-jobs': 'src-main/engine/areas/monitoring/cohort-jobs.ts',
  'engine/label-worker': 'src-main/engine/areas/labels/label-worker.ts',
  'engine/replay-worker': 'src-main/engine/areas/replay/replay-worker.ts',
};

async function bundle(input, output) {
  const build = await rolldown({ cwd: root, input, external, platform: 'node', logLevel: 'warn' });
  await build.write({ dir: 'out', sourcemap: true, minify: false, keepNames: true, ...output });
  await build.close();
}

async function buildNode() {
  await bundle(NODE_ENTRIES, {
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await bundle(
    { 'host-electron/preload': 'src-main/host-electron/preload.ts' },
    { format: 'cjs', entryFileNames: '[name].cjs' },
  );
}

const buildRenderer = () =>
  viteBuild({ root: `${root}src-renderer`, configFile: `${root}vite.config.ts`, logLevel: 'warn' });

const only = process.argv[2];
if (!only)
  for (const part of ['host-electron', 'cli', 'inference', 'engine', 'chunks', 'renderer'])
    await rm(`${root}out/${part}`, { recursive: true, force: true });
if (!only || only === 'node') await buildNode();
if (!only || only === 'renderer') await buildRenderer();
