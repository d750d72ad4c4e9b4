// What the test runners' own reports say, in one shape.

import fs from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** Of the message of a failure, in the list at the end; the whole is where it happened. */
const SHOWN_CHARACTERS = 600;

/**
 * `notes`: one line for each thing that was skipped or not run, and why. `failures`: the name of each test that failed
 * and how, told again at the end, where a long log that lost its beginning still has it.
 * @typedef {{passed: number, failed: number, skipped: number, notes: string[], failures: string[]}} Totals
 */

/** @param {Partial<Totals>} [parts] @returns {Totals} */
export function totals({ passed = 0, failed = 0, skipped = 0, notes = [], failures = [] } = {}) {
  return { passed, failed, skipped, notes, failures };
}

/** A failure in a few lines. @param {string} title @param {string | undefined} message */
function failure(title, message) {
  const text = stripVTControlCharacters(message ?? '').trim();
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} […]` : text;
  return shown ? `${title}\n${shown.replace(/^/gm, '      ')}` : title;
}

/** @param {readonly Totals[]} all @returns {Totals} */
export function sum(all) {
  return totals({
    passed: all.reduce((count, each) => count + each.passed, 0),
    failed: all.reduce((count, each) => count + each.failed, 0),
    skipped: all.reduce((count, each) => count + each.skipped, 0),
    notes: all.flatMap((each) => each.notes),
    failures: all.flatMap((each) => each.failures),
  });
}

/** The closing line that tools look for. @param {Totals} all */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * A runner that ended badly without naming a failed test (a crash, an error outside tests, no tests at all) still
 * counts as one failure, so that the closing line never looks green when the exit code is not.
 * @param {Totals} counted
 * @param {number} exitCode
 * @returns {Totals}
 */
export function withExitCode(counted, exitCode) {
  return exitCode !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
}

/** @param {string} file @param {(report: any) => Totals} parse @returns {Totals} */
export function readReport(file, parse) {
  try {
    return parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return totals({ failed: 1, notes: [`no report at ${file}: the runner did not get to its end`] });
  }
}

/** Vitest's `json` reporter. @param {any} report @returns {Totals} */
export function fromVitest(report) {
  const counted = totals();
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.assertionResults.length === 0) {
      counted.failed += 1;
      counted.failures.push(failure(`${file.name}`, file.message));
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counted.passed += 1;
      else if (test.status === 'failed') {
        counted.failed += 1;
        counted.failures.push(failure(test.fullName, test.failureMessages?.[0]));
      } else {
        counted.skipped += 1;
        counted.notes.push(
          `unit test skipped: ${test.fullName}${test.meta?.note ? ` (${test.meta.note})` : ''}`,
        );
      }
    }
  }
  return counted;
}

/** Playwright's `json` reporter. @param {any} report @param {string} where such as `Electron` @returns {Totals} */
export function fromPlaywright(report, where) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  const specs = specsIn(report);
  const notes = specs
    .filter(({ test }) => test.status === 'skipped')
    .map(({ title, test }) => `e2e spec skipped in ${where}: ${title}${reasonOf(test)}`);
  const passedOnRetry = flaky > 0 ? [`${flaky} e2e specs passed only when run again in ${where}`] : [];
  const failures = specs
    .filter(({ test }) => test.status === 'unexpected')
    .map(({ title, test }) =>
      failure(
        `${title} (in ${where})`,
        test.results?.findLast((/** @type {any} */ each) => each.error)?.error.message,
      ),
    );
  const outside = unexpected === 0 && report.errors?.length > 0 ? report.errors.slice(0, 1) : [];
  return {
    passed: expected + flaky,
    failed: unexpected + outside.length,
    skipped,
    notes: [...notes, ...passedOnRetry],
    failures: [
      ...failures,
      ...outside.map((/** @type {any} */ each) => failure(`outside the specs (in ${where})`, each.message)),
    ],
  };
}

/** Every test of a Playwright report with its full title. @param {any} report @returns {{title: string, test: any}[]} */
export function specsIn(report) {
  const visit = (/** @type {any} */ suite, /** @type {string[]} */ titles) => [
    ...(suite.specs ?? []).flatMap((/** @type {any} */ spec) =>
      spec.tests.map((/** @type {any} */ test) => ({ title: [...titles, spec.title].join(' › '), test })),
    ),
    ...(suite.suites ?? []).flatMap((/** @type {any} */ inner) => visit(inner, [...titles, inner.title])),
  ];
  return report.suites.flatMap((/** @type {any} */ suite) => visit(suite, [suite.title]));
}

/** @param {any} test */
function reasonOf(test) {
  const reason = test.annotations?.find((/** @type {any} */ each) => each.type === 'skip')?.description;
  return reason ? ` (${reason})` : '';
}

/** The packaged app's smoke report: `{ok, checks: [{name, ok, detail?}]}`. @param {any} report @returns {Totals} */
export function fromChecks(report) {
  const checks = /** @type {{name: string, ok: boolean, detail?: string}[]} */ (report.checks);
  const failed = checks.filter((check) => !check.ok);
  return totals({
    passed: checks.length - failed.length,
    failed: failed.length,
    failures: failed.map(({ name, detail }) => failure(name, detail)),
  });
}
