// The stages of `npm test`. Each says what it needs; scripts/test.mjs provides that, runs it and adds it up.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { repoRoot } from './paths.mjs';
import { endTree } from './processes.mjs';
import {
  fromChecks,
  fromPlaywright,
  fromVitest,
  readReport,
  specsIn,
  sum,
  totals,
  withExitCode,
} from './results.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

const REPORTS = path.join(repoRoot, 'out', 'test-results');
const VITEST = 'node_modules/vitest/vitest.mjs';
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';

/**
 * `subject` begins the sentence "… not run: REASON" and may look up how much that is.
 * @typedef {'build' | 'electron' | 'display' | 'chromium'} Need
 * @typedef {{node: string, env: NodeJS.ProcessEnv, filters: string[]}} StageContext
 * @typedef {import('./results.mjs').Totals} Totals
 * `beside`: may run at the same time as others that may: it measures no time and waits for answers a good part of it.
 * @typedef {{id: string, aliases: string[], title: string, needs: Need[], beside?: boolean,
 *   run: (context: StageContext) => Promise<Totals>,
 *   subject: (context: StageContext) => Promise<{count: number, text: string}>}} Stage
 */

/** @type {readonly Stage[]} */
export const STAGES = [
  {
    id: 'check',
    aliases: [],
    title: 'types, format, lint, import rules, dead code',
    needs: [],
    run: async (context) => {
      const code = await execute(context, ['scripts/check.mjs'], { limitMinutes: 5 });
      return totals(code === 0 ? { passed: 1 } : { failed: 1, failures: ['static checks (npm run check)'] });
    },
    subject: async () => ({ count: 1, text: 'static checks' }),
  },
  {
    id: 'unit',
    aliases: [],
    title: 'unit and integration tests',
    needs: ['build'],
    run: runUnit,
    subject: async () => ({ count: 1, text: 'unit tests' }),
  },
  clientStage('mlflow', 'MLflow', 30),
  clientStage('triton', 'Triton', 10),
  monitoringStage(),
  playwrightStage({
    id: 'electron',
    project: 'electron',
    where: 'Electron',
    needs: ['build', 'electron', 'display'],
  }),
  playwrightStage({ id: 'browser', project: 'headless', where: 'a browser', needs: ['build', 'chromium'] }),
  {
    id: 'packaged',
    aliases: [],
    title: 'packaged app: fuses and smoke test',
    needs: ['build', 'electron', 'display'],
    run: runPackaged,
    subject: async () => ({ count: 1, text: 'packaged app' }),
  },
];

/** The stages named by `--only`, which takes ids and aliases. @param {string[] | null} only */
export function selectStages(only) {
  if (only === null) return { selected: [...STAGES], unknown: [] };
  const names = new Set(STAGES.flatMap((stage) => [stage.id, ...stage.aliases]));
  const isNamed = (/** @type {Stage} */ stage) =>
    [stage.id, ...stage.aliases].some((name) => only.includes(name));
  return { selected: STAGES.filter(isNamed), unknown: only.filter((name) => !names.has(name)) };
}

/** @param {StageContext} context */
async function runUnit(context) {
  const report = reportFile('unit');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await execute(context, [VITEST, 'run', ...reporters, ...context.filters], {
    limitMinutes: 20,
  });
  return withExitCode(readReport(report, fromVitest), code);
}

/** @param {{id: string, project: string, where: string, needs: Need[]}} options @returns {Stage} */
function playwrightStage({ id, project, where, needs }) {
  const args = [PLAYWRIGHT, 'test', `--project=${project}`];
  return {
    id,
    aliases: ['e2e'],
    title: `end-to-end tests in ${where}`,
    needs,
    run: async (context) => {
      const part = async (/** @type {string} */ name, /** @type {string[]} */ more) => {
        const report = reportFile(`e2e-${id}-${name}`);
        const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: report, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
        const command = [
          ...args,
          ...more,
          '--pass-with-no-tests',
          '--reporter=list,json',
          ...context.filters,
        ];
        const code = await execute(context, command, { env, limitMinutes: 20 });
        return withExitCode(
          readReport(report, (json) => fromPlaywright(json, where)),
          code,
        );
      };
      // Specs that measure how long something takes have the machine to themselves.
      const all = sum([
        await part('beside', ['--grep-invert=@alone']),
        await part('alone', ['--grep=@alone', '--workers=1']),
      ]);
      const seen = all.passed + all.failed + all.skipped;
      return seen > 0
        ? all
        : totals({ failed: 1, failures: [`no spec in ${where} matches ${context.filters}`] });
    },
    subject: async (context) => {
      const count = await countSpecs(context, args);
      return { count, text: `${count} e2e specs in ${where}` };
    },
  };
}

/** @param {StageContext} context @param {string[]} args */
async function countSpecs({ node, env, filters }, args) {
  const command = [...args, '--list', '--reporter=json', ...filters];
  const { stdout } = await run(node, command, { cwd: repoRoot, env, capture: true, timeoutMs: 60_000 });
  try {
    return specsIn(JSON.parse(stdout)).length;
  } catch {
    return 1;
  }
}

/** @param {StageContext} context */
async function runPackaged(context) {
  const report = reportFile('packaged');
  const packaged = await execute(context, ['scripts/package.mjs', '--dir'], { limitMinutes: 6 });
  if (packaged !== 0) return totals({ failed: 1, failures: ['packaged app not tried: packaging failed'] });
  const code = await execute(context, ['e2e/packaged/smoke.mjs', `--report=${report}`], { limitMinutes: 3 });
  return withExitCode(readReport(report, fromChecks), code);
}

/**
 * Tests of somebody else's client against the built Lathe (conformance/ID).
 * @param {string} id
 * @param {string} whose
 * @param {number} limitMinutes the first run fetches the client too
 * @returns {Stage}
 */
function clientStage(id, whose, limitMinutes) {
  return {
    id,
    aliases: ['conformance'],
    title: `the genuine ${whose} client from PyPI`,
    needs: ['build'],
    beside: true,
    run: async (context) => {
      const report = reportFile(id);
      const command = [`conformance/${id}/run.mjs`, `--report=${report}`, ...context.filters];
      const code = await execute(context, command, { limitMinutes });
      return withExitCode(readReport(report, totals), code);
    },
    subject: async () => ({ count: 1, text: `tests of the ${whose} client` }),
  };
}

/** Monitoring's numbers beside those of the genuine packages (conformance/monitoring). @returns {Stage} */
function monitoringStage() {
  return {
    id: 'monitoring',
    aliases: ['conformance'],
    title: 'drift and performance beside the genuine Evidently, SciPy and NannyML from PyPI',
    needs: [],
    beside: true,
    run: async (context) => {
      const report = reportFile('monitoring');
      const command = ['conformance/monitoring/run.mjs', `--report=${report}`, ...context.filters];
      // The first run fetches the packages too.
      const code = await execute(context, command, { limitMinutes: 20 });
      return withExitCode(readReport(report, totals), code);
    },
    subject: async () => ({ count: 1, text: 'the comparison with Evidently and NannyML' }),
  };
}

/** A fresh report path: a report left by an earlier run must not be read. @param {string} name */
function reportFile(name) {
  fs.mkdirSync(REPORTS, { recursive: true });
  const file = path.join(REPORTS, `${name}.json`);
  fs.rmSync(file, { force: true });
  return file;
}

/**
 * Runs a script with Node, and ends it with all it started when it takes longer than its limit.
 * @param {StageContext} context
 * @param {string[]} args
 * @param {{env?: NodeJS.ProcessEnv, limitMinutes: number}} options
 * @returns {Promise<number>} exit code
 */
function execute({ node, env }, args, { env: extra = {}, limitMinutes }) {
  return new Promise((resolve) => {
    const child = spawn(node, args, {
      cwd: repoRoot,
      env: { ...env, ...extra },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const timer = setTimeout(() => {
      say(`${args[0]} took longer than ${limitMinutes} minutes and is being ended`);
      if (child.pid) endTree(child.pid);
    }, limitMinutes * 60_000);
    child.on('error', () => resolve(127));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
