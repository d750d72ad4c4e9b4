// The genuine Evidently, SciPy, NannyML, scikit-learn and statsmodels from PyPI, on the same data as our own rules: the data
// sets of the unit tests, and fresh random ones whose seed is printed.
//
//   node conformance/monitoring/run.mjs [--report=FILE] [--seed=N]
//   node conformance/monitoring/run.mjs --freeze     writes what they give for the unit tests (goldens.json)

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { option } from '../../scripts/lib/conformance.mjs';
import { repoRoot } from '../../scripts/lib/paths.mjs';
import { ensureEnvironment, ensurePython } from '../../scripts/lib/python.mjs';
import { totals } from '../../scripts/lib/results.mjs';
import { run } from '../../scripts/lib/run.mjs';
import {
  seriesCases,
  seriesDifferences,
} from '../../src-main/engine/areas/business-metrics/testing-series-goldens.ts';
import { frozenCases, randomCases } from '../../src-main/engine/areas/drift-reports/methods/testing-cases.ts';
import {
  datasetDifferences,
  differences,
  tailDifferences,
} from '../../src-main/engine/areas/drift-reports/methods/testing-goldens.ts';
import {
  cbpeDifferences,
  pairDifferences,
  regressionDifferences,
} from '../../src-main/engine/areas/monitoring/testing-label-goldens.ts';
import { labelCases } from '../../src-main/engine/areas/monitoring/testing-labels.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const areas = path.join(repoRoot, 'src-main', 'engine', 'areas');
const LIMIT_MS = 5 * 60_000;
const RANDOM_CASES = 60;
/** The seed of the unit tests' labelled cases and series. */
const FROZEN_SEED = 1;

const freeze = process.argv.includes('--freeze');
const seed = Number(option('seed') ?? Date.now() % 2 ** 31);

/** @type {{name: string, script: string, goldens: (results: any) => [string, unknown][], cases: () => any, compare: (cases: any, results: any) => [string, string[]][]}[]} */
const SETS = [
  {
    name: 'Evidently 0.7.21 and SciPy',
    script: 'evidently_scores.py',
    goldens: (results) => [['drift-reports/methods', results]],
    cases: () => (freeze ? frozenCases() : [...frozenCases(), ...randomCases(seed, RANDOM_CASES)]),
    compare: (cases, results) => [
      ...pairs('scores', cases, results.cases, differences),
      ['dataset rule', datasetDifferences(results.datasets)],
      ['tails of distributions', tailDifferences(results.tails)],
    ],
  },
  {
    name: 'NannyML 0.13.1, scikit-learn and statsmodels',
    script: 'nannyml_scores.py',
    goldens: ({ series, ...others }) => [
      ['monitoring', others],
      ['business-metrics', series],
    ],
    cases: () => {
      const used = freeze ? FROZEN_SEED : seed;
      return { ...labelCases(used), series: seriesCases(used) };
    },
    compare: (cases, results) => [
      ...pairs('CBPE', cases.cbpe, results.cbpe, cbpeDifferences),
      ...pairs('regression', cases.regression, results.regression, regressionDifferences),
      ...pairs('relation', cases.pairs, results.pairs, pairDifferences),
      ...pairs('series', cases.series, results.series, seriesDifferences),
    ],
  },
];

console.log(freeze ? 'freezing what the genuine packages give' : `random cases by --seed=${seed}`);
const counted = totals();
const python = await ensurePython();
const environment = python.executable
  ? await ensureEnvironment(
      python.executable,
      path.join(here, 'requirements.txt'),
      'the comparison of monitoring’s numbers',
      { alone: path.join(here, 'requirements-alone.txt'), compile: false },
    )
  : { python: null, problem: python.problem };
for (const set of SETS) await compareSet(set);
const report = option('report');
if (report) fs.writeFileSync(report, JSON.stringify(counted));
process.exitCode = counted.failed === 0 ? 0 : 1;

/** @param {typeof SETS[number]} set */
async function compareSet({ name, script, goldens, cases, compare }) {
  if (environment.python === null) {
    const note = `the live comparison with ${name} not run (the unit tests compare with frozen results): ${environment.problem}`;
    console.log(note);
    counted.skipped += 1;
    counted.notes.push(note);
    return;
  }
  const given = cases();
  const results = await ask(environment.python, script, given);
  if (results === null) {
    counted.failed += 1;
    counted.failures.push(`${name} gave no results to compare with`);
    return;
  }
  if (freeze) {
    for (const [folder, part] of goldens(results))
      await writeGolden(path.join(areas, folder, 'goldens.json'), part);
    return;
  }
  const found = compare(given, results);
  const wrong = found.filter(([, sentences]) => sentences.length > 0);
  counted.passed += found.length - wrong.length;
  counted.failed += wrong.length;
  console.log(`${name}: ${found.length - wrong.length} of ${found.length} comparisons equal to 1e-9`);
  for (const [what, sentences] of wrong)
    console.log(`  ${what}:\n    ${sentences.slice(0, 10).join('\n    ')}`);
  counted.failures.push(...wrong.map(([what, [first]]) => `${what} beside ${name}\n      ${first}`));
}

/** As the formatter has it. @param {string} file @param {unknown} results */
async function writeGolden(file, results) {
  fs.writeFileSync(file, JSON.stringify(results));
  const biome = path.join(repoRoot, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  await run(process.execPath, [biome, 'format', '--write', file], { cwd: repoRoot, timeoutMs: LIMIT_MS });
}

/**
 * @param {string} executable @param {string} script @param {unknown} cases
 * @returns {Promise<any>} null after a failure, which is printed
 */
async function ask(executable, script, cases) {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'lathe-peer-'));
  try {
    const [input, output] = ['cases.json', 'results.json'].map((file) => path.join(scratch, file));
    const special = (/** @type {string} */ _, /** @type {unknown} */ value) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    fs.writeFileSync(input ?? '', JSON.stringify(cases, special));
    const { code } = await run(executable, [path.join(here, script), input ?? '', output ?? ''], {
      cwd: scratch,
      env: {
        ...process.env,
        HOME: scratch,
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        DO_NOT_TRACK: '1',
      },
      timeoutMs: LIMIT_MS,
    });
    if (code === 0) return JSON.parse(fs.readFileSync(output ?? '', 'utf8'));
    console.log(`${script} ended with ${code}`);
    return null;
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * A line for each case with its result.
 * @template Each, Result
 * @param {string} what @param {Each[]} cases @param {Result[]} results @param {(each: Each, result: Result) => string[]} compare
 * @returns {[string, string[]][]}
 */
function pairs(what, cases, results, compare) {
  return cases.map((each, at) => [what, compare(each, /** @type {Result} */ (results[at]))]);
}
