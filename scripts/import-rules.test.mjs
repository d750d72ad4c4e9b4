/** Shows that a wrong import is refused: each rule is broken once in a scratch tree, and linted for real. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** [rule that must fire, file that breaks it, its text] */
const WRONG = [
  ['contract-is-pure', 'src-main/contract/bad.ts', "import fs from 'node:fs';\nexport const a = fs;\n"],
  [
    'platform-stands-below',
    'src-main/platform/bad.ts',
    "import { engine } from '../engine/index.ts';\nexport const a = engine;\n",
  ],
  [
    'renderer-sees-only-the-contract',
    'src-renderer/app/bad.ts',
    "import { ids } from '../../src-main/platform/ids.ts';\nexport const a = ids;\n",
  ],
  ['renderer-has-no-node', 'src-renderer/app/node.ts', "import fs from 'node:fs';\nexport const a = fs;\n"],
  [
    'engine-is-plain-node',
    'src-main/engine/electron.ts',
    "import { app } from 'electron';\nexport const a = app;\n",
  ],
  [
    'inference-stands-alone',
    'src-main/inference/bad.ts',
    "import { engine } from '../engine/index.ts';\nexport const a = engine;\n",
  ],
  [
    'only-the-runner-loads-onnx',
    'src-main/engine/onnx.ts',
    "import ort from 'onnxruntime-node';\nexport const a = ort;\n",
  ],
  [
    'only-the-analysis-process-loads-duckdb',
    'src-main/engine/duck.ts',
    "import duckdb from '@duckdb/node-bindings';\nexport const a = duckdb;\n",
  ],
  [
    'hosts-use-the-engine-door',
    'src-main/host-headless/bad.ts',
    "import { inner } from '../engine/inner.ts';\nexport const a = inner;\n",
  ],
  [
    'cli-is-a-thin-client',
    'src-main/cli/bad.ts',
    "import { engine } from '../engine/index.ts';\nexport const a = engine;\n",
  ],
  [
    'nobody-imports-electron-host',
    'src-main/engine/host.ts',
    "import { main } from '../host-electron/main.ts';\nexport const a = main;\n",
  ],
  [
    'nobody-imports-headless-host',
    'src-main/engine/headless.ts',
    "import { main } from '../host-headless/main.ts';\nexport const a = main;\n",
  ],
  [
    'areas-meet-at-their-doors',
    'src-main/engine/areas/models/bad.ts',
    "import { rows } from '../serving/serving.store.ts';\nexport const a = rows;\n",
  ],
  [
    'engine-uses-area-doors',
    'src-main/engine/bad.ts',
    "import { rows } from './areas/serving/serving.store.ts';\nexport const a = rows;\n",
  ],
  [
    'renderer-areas-do-not-mix',
    'src-renderer/areas/models/bad.tsx',
    "import { rows } from '../serving/table.ts';\nexport const a = rows;\n",
  ],
  ['no-circular', 'src-main/engine/ring.ts', "import { b } from './ring-b.ts';\nexport const a = () => b;\n"],
  ['no-unresolvable', 'src-main/engine/lost.ts', "import { b } from './nowhere.ts';\nexport const a = b;\n"],
];

/** What the wrong files point at, and imports that are right. */
const RIGHT = {
  'src-main/contract/index.ts': "import { z } from 'zod';\nexport const schema = z.string();\n",
  'src-main/platform/ids.ts': 'export const ids = 1;\n',
  'src-main/engine/index.ts':
    "import { rows } from './areas/serving/index.ts';\nimport { ids } from '../platform/ids.ts';\nexport const engine = [rows, ids];\n",
  'src-main/engine/inner.ts': 'export const inner = 1;\n',
  'src-main/engine/ring-b.ts': "import { a } from './ring.ts';\nexport const b = () => a;\n",
  'src-main/engine/areas/serving/index.ts': "export { rows } from './serving.store.ts';\n",
  'src-main/engine/areas/serving/serving.store.ts': 'export const rows = 1;\n',
  'src-main/engine/areas/monitoring/index.ts':
    "import { rows } from '../serving/index.ts';\nexport const a = rows;\n",
  'src-main/host-electron/main.ts':
    "import { app } from 'electron';\nimport { engine } from '../engine/index.ts';\nexport const main = [app, engine];\n",
  'src-main/host-headless/main.ts':
    "import { engine } from '../engine/index.ts';\nexport const main = engine;\n",
  'src-renderer/areas/serving/table.ts':
    "import { schema } from '../../../src-main/contract/index.ts';\nexport const rows = schema;\n",
};

const fail = (lint) => {
  throw new Error(`the linter printed nothing: ${lint.error ?? lint.stderr}`);
};

describe('import rules', () => {
  let scratch;
  let violations;

  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'lathe-imports-'));
    symlinkSync(join(root, 'node_modules'), join(scratch, 'node_modules'));
    const files = { ...RIGHT, ...Object.fromEntries(WRONG.map(([, file, text]) => [file, text])) };
    files['src-renderer/tsconfig.json'] =
      '{ "compilerOptions": { "module": "ESNext", "moduleResolution": "Bundler" } }';
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(scratch, file)), { recursive: true });
      writeFileSync(join(scratch, file), text);
    }
    const lint = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
        '--config',
        join(root, '.dependency-cruiser.cjs'),
        '--output-type',
        'json',
        'src-main',
        'src-renderer',
      ],
      { cwd: scratch, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    violations = JSON.parse(lint.stdout || fail(lint)).summary.violations;
  });

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each(WRONG)('%s refuses %s', (rule, file) => {
    expect(
      violations.some((found) => found.rule.name === rule && [found.from, found.to].includes(file)),
    ).toBe(true);
  });

  it('says nothing about imports that are right', () => {
    const right = Object.keys(RIGHT).filter((file) => !file.includes('ring'));
    expect(violations.filter((found) => right.includes(found.from))).toEqual([]);
  });
});
