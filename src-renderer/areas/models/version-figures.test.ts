import { expect, it } from 'vitest';
import type { ModelVersion, RegisteredModel } from '../../../src-main/contract/models.ts';
import { baselineOf, differenceTo, metricNames, nameFromFile, signedText } from './version-figures.ts';

const version = (number: string, metrics: Record<string, number>, servedBy: string[] = []) =>
  ({ version: number, metrics, servedBy }) as unknown as ModelVersion;
const model = (aliases: Record<string, string>) => ({ aliases }) as unknown as RegisteredModel;
const v1 = version('1', { auc: 0.7, log_loss: 0.5, rows: 10 });
const v2 = version('2', { auc: 0.72, log_loss: 0.48, rows: 12, brier: 0.1 }, ['ep']);

it('compares with the champion, else with what is served, else with the first', () => {
  expect(baselineOf(model({ champion: '2' }), [v1, v2])).toBe(v2);
  expect(baselineOf(model({}), [v1, v2])).toBe(v2);
  expect(baselineOf(model({ champion: '9' }), [v1])).toBe(v1);
  expect(baselineOf(model({}), [])).toBeNull();
});

it('says whether a difference is better only where the metric’s name tells', () => {
  expect(differenceTo(v1, v2, 'auc')).toEqual({ by: expect.closeTo(0.02), better: true });
  expect(differenceTo(v1, v2, 'log_loss')?.better).toBe(true);
  expect(differenceTo(v1, v2, 'rows')).toEqual({ by: 2, better: null });
  expect(differenceTo(v1, v1, 'auc')).toBeNull();
  expect(differenceTo(v1, v2, 'brier')).toBeNull();
  expect(metricNames([v1, v2])).toEqual(['auc', 'log_loss', 'brier', 'rows']);
});

it('writes differences with their sign', () => {
  expect([0.0213, -0.0021, 0, 0.00001, 12.34].map(signedText)).toEqual([
    '+0.0213',
    '−0.0021',
    '±0',
    '+1.0e-5',
    '+12.3',
  ]);
});

it('makes a name that the registry takes out of a file name', () => {
  expect(nameFromFile('Delay model (v2).onnx')).toBe('Delay-model-v2');
  expect(nameFromFile('__x.ONNX')).toBe('x');
});
