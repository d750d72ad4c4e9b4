/** `npm run check`: types, format and lint, import rules, dead code. Prints one line each; fails on any. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (path) => `${root}node_modules/${path}`;

const STEPS = [
  ['types (main, tests, benches)', bin('typescript/bin/tsc'), ['-p', 'tsconfig.json']],
  ['types (renderer)', bin('typescript/bin/tsc'), ['-p', 'src-renderer/tsconfig.json']],
  ['format and lint', bin('@biomejs/biome/bin/biome'), ['check', '--error-on-warnings', '.']],
  [
    'import rules',
    bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
    ['--config', '.dependency-cruiser.cjs', 'src-main', 'src-renderer'],
  ],
  ['dead code', bin('knip/bin/knip.js'), ['--no-progress']],
];

let failed = 0;
const begin = performance.now();
for (const [title, script, args] of STEPS) {
  const stepBegin = performance.now();
  const result = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
  const ok = result.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${title}  ${((performance.now() - stepBegin) / 1000).toFixed(1)} s`);
  if (!ok) {
    failed += 1;
    console.log([result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n'));
  }
}
console.log(
  `${STEPS.length - failed} passed, ${failed} failed  ${((performance.now() - begin) / 1000).toFixed(1)} s`,
);
process.exitCode = failed === 0 ? 0 : 1;
