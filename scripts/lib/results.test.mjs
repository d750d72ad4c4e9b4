import { expect, test } from 'vitest';
import {
  closingLine,
  fromChecks,
  fromPlaywright,
  fromVitest,
  readReport,
  specsIn,
  sum,
  totals,
  withExitCode,
} from './results.mjs';
import { selectStages } from './stages.mjs';

test('vitest: a file that could not be loaded is one failure', () => {
  const report = {
    testResults: [
      { status: 'failed', name: 'broken.test.ts', message: 'cannot be loaded', assertionResults: [] },
      {
        status: 'passed',
        assertionResults: [
          { status: 'passed' },
          {
            status: 'failed',
            fullName: 'adds',
            failureMessages: ['\u001b[31mexpected 3\u001b[39m\n  at line 1'],
          },
          { status: 'pending', fullName: 'needs a GPU' },
        ],
      },
    ],
  };
  expect(fromVitest(report)).toEqual({
    passed: 1,
    failed: 2,
    skipped: 1,
    notes: ['unit test skipped: needs a GPU'],
    failures: ['broken.test.ts\n      cannot be loaded', 'adds\n      expected 3\n        at line 1'],
  });
});

const PLAYWRIGHT = {
  stats: { expected: 1, unexpected: 0, flaky: 1, skipped: 1 },
  errors: [],
  suites: [
    {
      title: 'models.spec.ts',
      specs: [],
      suites: [
        {
          title: 'models',
          specs: [
            { title: 'registers', tests: [{ status: 'expected' }] },
            { title: 'retries', tests: [{ status: 'flaky' }] },
            {
              title: 'opens a file dialog',
              tests: [{ status: 'skipped', annotations: [{ type: 'skip', description: 'desktop only' }] }],
            },
          ],
        },
      ],
    },
  ],
};

test('playwright: skipped specs are named with their reason, retried ones told', () => {
  expect(fromPlaywright(PLAYWRIGHT, 'a browser')).toEqual({
    passed: 2,
    failed: 0,
    skipped: 1,
    notes: [
      'e2e spec skipped in a browser: models.spec.ts › models › opens a file dialog (desktop only)',
      '1 e2e specs passed only when run again in a browser',
    ],
    failures: [],
  });
  expect(specsIn(PLAYWRIGHT)).toHaveLength(3);
});

test('playwright: a failed spec is named with what it said last, and so is an error outside of the specs', () => {
  const spec = {
    title: 'opens',
    tests: [{ status: 'unexpected', results: [{ error: { message: 'x'.repeat(700) } }] }],
  };
  const report = {
    stats: { ...PLAYWRIGHT.stats, unexpected: 1 },
    suites: [{ title: 'a.spec.ts', specs: [spec] }],
  };
  const [told] = fromPlaywright(report, 'Electron').failures;
  expect(told).toMatch(/^a\.spec\.ts › opens \(in Electron\)\n {6}x{600} \[…\]$/);
  const outside = { ...PLAYWRIGHT, errors: [{ message: 'no specs' }] };
  expect(fromPlaywright(outside, 'Electron')).toMatchObject({
    failed: 1,
    failures: ['outside the specs (in Electron)\n      no specs'],
  });
});

test('a runner that fails without naming a test still counts as a failure', () => {
  expect(withExitCode(totals({ passed: 5 }), 1).failed).toBe(1);
  expect(withExitCode(totals({ passed: 5, failed: 2 }), 1).failed).toBe(2);
  expect(withExitCode(totals({ passed: 5 }), 0).failed).toBe(0);
});

test('the checks of the packaged app', () => {
  const checks = [
    { name: 'a', ok: true },
    { name: 'exits with 0', ok: false, detail: 'code 1' },
  ];
  expect(fromChecks({ checks })).toMatchObject({
    passed: 1,
    failed: 1,
    failures: ['exits with 0\n      code 1'],
  });
});

test('a missing report is a failure, not nothing', () => {
  expect(readReport('/nonexistent.json', fromVitest).failed).toBe(1);
});

test('the closing line', () => {
  const all = sum([totals({ passed: 3 }), totals({ failed: 1, skipped: 2, notes: ['x'] })]);
  expect(closingLine(all)).toBe('3 passed, 1 failed, 2 skipped');
  expect(all.notes).toEqual(['x']);
});

test('stages by id and by alias; a wrong name is told', () => {
  expect(selectStages(['e2e', 'unit']).selected.map((stage) => stage.id)).toEqual([
    'unit',
    'electron',
    'browser',
  ]);
  expect(selectStages(['uint']).unknown).toEqual(['uint']);
});
