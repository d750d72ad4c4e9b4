import { describe, expect, it } from 'vitest';
import type { ArmSummary } from '../../../src-main/contract/monitoring.ts';
import { compareArms, judge } from './verdict.ts';

/** Wilson 95 % interval, as the engine computes it. */
function arm(name: string, correct: number, labelled: number, predictions = labelled): ArmSummary {
  const z = 1.959963984540054;
  const p = correct / labelled;
  const middle = (p + z ** 2 / (2 * labelled)) / (1 + z ** 2 / labelled);
  const half =
    (z / (1 + z ** 2 / labelled)) * Math.sqrt((p * (1 - p)) / labelled + z ** 2 / (4 * labelled ** 2));
  return {
    arm: name,
    version: '1',
    predictions,
    labelled,
    accuracy: labelled > 0 ? p : null,
    accuracyLow: labelled > 0 ? middle - half : null,
    accuracyHigh: labelled > 0 ? middle + half : null,
    logLoss: null,
    positiveRate: null,
  };
}

describe('compareArms', () => {
  it('gives Newcombe’s published interval for 56/70 and 48/80', () => {
    // Newcombe 1998, table II, example (a), method 10: 0.0524 to 0.3339.
    const comparison = compareArms(arm('b', 48, 80), arm('a', 56, 70));
    expect(comparison?.difference).toBeCloseTo(0.2, 10);
    expect(comparison?.low).toBeCloseTo(0.0524, 4);
    expect(comparison?.high).toBeCloseTo(0.3339, 4);
  });
});

describe('judge', () => {
  it('names the arm ahead, by how much and how surely', () => {
    const { kind, text } = judge(arm('champion', 7600, 10_000), arm('challenger', 7810, 10_000));
    expect(kind).toBe('ahead');
    expect(text).toBe('challenger is ahead by 2.1 points (95 % interval 0.9 to 3.3).');
  });

  it('speaks of the first arm when that one is ahead', () => {
    const { text } = judge(arm('champion', 8000, 10_000), arm('challenger', 7500, 10_000));
    expect(text).toMatch(/^champion is ahead by 5\.0 points \(95 % interval 3\.8 to 6\.2\)\.$/);
  });

  it('claims nothing when the interval holds zero', () => {
    const { kind, text } = judge(arm('champion', 800, 1000), arm('challenger', 810, 1000));
    expect(kind).toBe('open');
    expect(text).toMatch(/^No difference can be told yet: challenger minus champion is \+1\.0 points/);
    expect(text).not.toMatch(/ahead|better|wins/);
  });

  it('does not compare few rows, however large the difference looks', () => {
    const { kind, text, comparison } = judge(arm('champion', 10, 99), arm('challenger', 900, 1000));
    expect(kind).toBe('too-few');
    expect(text).toContain('champion has 99');
    expect(comparison).toBeNull();
  });

  it('says which arm has no labels', () => {
    expect(judge(arm('champion', 0, 0, 50), arm('challenger', 1, 2)).text).toBe(
      'No comparison yet: no labels have come for champion.',
    );
  });

  it('warns while labels are still coming, and always about repeated looks', () => {
    const late = judge(arm('champion', 800, 1000, 2000), arm('challenger', 900, 1000));
    expect(late.caveats.join(' ')).toMatch(/still coming: 50/);
    const full = judge(arm('champion', 800, 1000), arm('challenger', 900, 1000));
    expect(full.caveats.join(' ')).not.toMatch(/still coming/);
    expect(full.caveats.join(' ')).toMatch(/again and again/);
  });
});
