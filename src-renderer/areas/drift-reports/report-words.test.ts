import { describe, expect, test } from 'vitest';
import type { ColumnReport } from '../../../src-main/contract/drift-reports.ts';
import {
  checkReport,
  type ReportDraft,
  scoreText,
  thresholdText,
  verdictText,
  worstColumns,
} from './report-words.ts';

const draft = (more: Partial<ReportDraft> = {}): ReportDraft => ({
  against: 'serving',
  referenceId: 'ref',
  from: '2013-03-01',
  to: '2013-03-07',
  arm: '',
  referenceUpload: null,
  currentUpload: null,
  method: '',
  threshold: '',
  driftShare: '50',
  ...more,
});

describe('a report while it is asked for', () => {
  test('the last day is part of the window', () => {
    expect(checkReport(draft(), 'flights').request).toEqual({
      endpoint: 'flights',
      reference: { kind: 'reference', id: 'ref' },
      current: { kind: 'window', fromMs: Date.UTC(2013, 2, 1), toMs: Date.UTC(2013, 2, 8) },
      driftShare: 0.5,
    });
  });

  test('two files belong to no endpoint, and a method may be named', () => {
    const files = draft({
      against: 'files',
      referenceUpload: 'a',
      currentUpload: 'b',
      method: 'evidently.psi@0.7',
      threshold: '0,2',
    });
    expect(checkReport(files, 'flights').request).toEqual({
      endpoint: null,
      reference: { kind: 'upload', uploadId: 'a' },
      current: { kind: 'upload', uploadId: 'b' },
      driftShare: 0.5,
      method: 'evidently.psi@0.7',
      threshold: 0.2,
    });
  });

  test.each<[Partial<ReportDraft>, keyof ReportDraft]>([
    [{ referenceId: '' }, 'referenceId'],
    [{ from: '' }, 'from'],
    [{ to: 'soon' }, 'to'],
    [{ to: '2013-02-28' }, 'to'],
    [{ driftShare: '101' }, 'driftShare'],
    [{ driftShare: '' }, 'driftShare'],
    [{ threshold: '0' }, 'threshold'],
    [{ against: 'files', currentUpload: 'b' }, 'referenceUpload'],
    [{ against: 'files', referenceUpload: 'a' }, 'currentUpload'],
  ])('%o is told at %s', (more, field) => {
    const { request, problems } = checkReport(draft(more), 'flights');
    expect(request).toBeNull();
    expect(problems[field]).toBeDefined();
  });
});

const column = (name: string, more: Partial<ColumnReport>): ColumnReport => ({
  column: name,
  kind: 'numeric',
  method: 'evidently.wasserstein@0.7',
  score: 0.1,
  threshold: 0.1,
  drifted: true,
  effect: 0.2,
  referenceN: 1,
  currentN: 1,
  referenceMissing: 0,
  currentMissing: 0,
  referenceMean: null,
  currentMean: null,
  bins: [],
  problem: null,
  ...more,
});

test('what drifted furthest comes first, what has no score last', () => {
  const columns = [
    column('none', { method: null, score: null, drifted: null, effect: null }),
    column('still', { drifted: false, effect: 9 }),
    column('little', { effect: 0.1 }),
    column('far', { effect: 0.4 }),
  ];
  expect(worstColumns(columns).map((one) => one.column)).toEqual(['far', 'little', 'still', 'none']);
});

test('p values and distances are read as what they are', () => {
  expect(scoreText({ method: 'evidently.ks@0.7', score: 0.00001 })).toBe('p < 0.001');
  expect(scoreText({ method: 'evidently.ks@0.7', score: 0.04 })).toBe('p 0.040');
  expect(scoreText({ method: 'evidently.psi@0.7', score: 0.04 })).toBe('0.040');
  expect(scoreText({ method: null, score: null })).toBe('–');
  expect(thresholdText({ method: 'evidently.ks@0.7', threshold: 0.05 })).toBe('below 0.05');
  expect(thresholdText({ method: 'evidently.psi@0.7', threshold: 0.1 })).toBe('from 0.1');
});

test('the verdict and its words count the same columns: those with a score', () => {
  const scored = (count: number) => Array.from({ length: count }, () => ({ score: 0.1 }));
  const none = (count: number) => Array.from({ length: count }, () => ({ score: null }));
  expect(verdictText({ columns: scored(3), drifted: 1, driftShare: 0.5, datasetDrifted: false })).toEqual({
    title: 'The dataset did not drift: 1 of 3 columns with a score did.',
    rule: 'It counts as drifted once 50\u00a0% of the columns with a score did.',
  });
  expect(
    verdictText({ columns: [...scored(4), ...none(3)], drifted: 2, driftShare: 0.5, datasetDrifted: true }),
  ).toEqual({
    title: 'The dataset drifted: 2 of 4 columns with a score did.',
    rule: 'It counts as drifted once 50\u00a0% of the columns with a score did. 3 columns of 7 have no score and do not count.',
  });
});
