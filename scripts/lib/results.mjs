// What the test runners' own reports say, in one shape.

import fs from 'node:fs';

/**
 * `notes`: one line for each thing that was skipped or not run, and why.
 * @typedef {{passed: number, failed: number, skipped: number, notes: string[]}} Totals
 */

/** @param {Partial<Totals>} [parts] @returns {Totals} */
export function totals({ passed = 0, failed = 0, skipped = 0, notes = [] } = {}) {
  return { passed, failed, skipped, notes };
}

/** @param {readonly Totals[]} all @returns {Totals} */
export function sum(all) {
  return totals({
    passed: all.reduce((count, each) => count + each.passed, 0),
    failed: all.reduce((count, each) => count + each.failed, 0),
    skipped: all.reduce((count, each) => count + each.skipped, 0),
    notes: all.flatMap((each) => each.notes),
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
    if (file.status === 'failed' && file.assertionResults.length === 0) counted.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counted.passed += 1;
      else if (test.status === 'failed') counted.failed += 1;
      else {
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
  const notes = specsIn(report)
    .filter(({ test }) => test.status === 'skipped')
    .map(({ title, test }) => `e2e spec skipped in ${where}: ${title}${reasonOf(test)}`);
  const passedOnRetry = flaky > 0 ? [`${flaky} e2e specs passed only when run again in ${where}`] : [];
  const outside = unexpected === 0 && report.errors?.length > 0 ? 1 : 0;
  return {
    passed: expected + flaky,
    failed: unexpected + outside,
    skipped,
    notes: [...notes, ...passedOnRetry],
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
  const checks = /** @type {{ok: boolean}[]} */ (report.checks);
  const passed = checks.filter((check) => check.ok).length;
  return totals({ passed, failed: checks.length - passed });
}
