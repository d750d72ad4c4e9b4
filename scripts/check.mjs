// `npm run check`: types, format and lint, import rules, dead code, the made pages of docs/. One line each.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureDependencies } from './lib/dependencies.mjs';
import { ensureNode, environmentWithNode } from './lib/node.mjs';
import { repoRoot } from './lib/paths.mjs';
import { runMain } from './lib/say.mjs';

const inModules = (/** @type {string} */ script) => path.join(repoRoot, 'node_modules', script);

/** @type {readonly (readonly [title: string, script: string, args: readonly string[]])[]} */
const STEPS = [
  ['types (main, tests, benches)', inModules('typescript/bin/tsc'), ['-p', 'tsconfig.json']],
  ['types (renderer)', inModules('typescript/bin/tsc'), ['-p', 'src-renderer/tsconfig.json']],
  ['format and lint', inModules('@biomejs/biome/bin/biome'), ['check', '--error-on-warnings', '.']],
  [
    'import rules',
    inModules('dependency-cruiser/bin/dependency-cruiser.mjs'),
    ['--config', '.dependency-cruiser.cjs', 'src-main', 'src-renderer'],
  ],
  ['dead code', inModules('knip/bin/knip.js'), ['--no-progress']],
  ['error reference', path.join(repoRoot, 'scripts', 'errors-doc.mjs'), ['--check']],
  ['reference of methods', path.join(repoRoot, 'scripts', 'monitoring-methods-doc.mjs'), ['--check']],
];

await runMain(async () => {
  const node = await ensureNode();
  await ensureDependencies();
  let failed = 0;
  const begin = performance.now();
  for (const [title, script, args] of STEPS) {
    const stepBegin = performance.now();
    const result = spawnSync(node, [script, ...args], {
      cwd: repoRoot,
      env: environmentWithNode(node),
      encoding: 'utf8',
    });
    const ok = result.status === 0;
    console.log(`${ok ? 'ok  ' : 'FAIL'}  ${title}  ${seconds(stepBegin)}`);
    if (ok) continue;
    failed += 1;
    console.log([result.stdout, result.stderr, result.error?.message].filter(Boolean).join('\n'));
  }
  console.log(`${STEPS.length - failed} of ${STEPS.length} checks passed in ${seconds(begin)}`);
  return failed === 0 ? 0 : 1;
});

/** @param {number} begin */
function seconds(begin) {
  return `${((performance.now() - begin) / 1000).toFixed(1)} s`;
}
