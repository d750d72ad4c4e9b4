import { expect, test } from 'vitest';
import type { Settings } from '../../src-main/contract/settings.ts';
import { inverseOf } from './settings-patch.ts';

const before: Settings = {
  revision: 4,
  theme: 'system',
  density: 'comfortable',
  ports: { inferenceHttp: 8000, inferenceGrpc: 0, mlflow: 5000 },
  serving: {
    maxBatchRows: 64,
    maxQueueDelayUs: 0,
    sloMs: 0,
    provider: 'auto',
    memoryBudgetBytes: 0,
    requestTimeoutMs: 30_000,
    maxBodyBytes: 1024,
  },
  monitoring: { retentionDays: 90 },
  trash: { keepDays: 30, keepFilesDays: 7 },
};

test('the inverse names the changed fields only, with their old values', () => {
  expect(inverseOf({ theme: 'dark' }, before)).toEqual({ theme: 'system' });
  expect(inverseOf({ ports: { inferenceGrpc: 9000 } }, before)).toEqual({ ports: { inferenceGrpc: 0 } });
  expect(inverseOf({ serving: { maxQueueDelayUs: 5 }, density: 'compact' }, before)).toEqual({
    serving: { maxQueueDelayUs: 0 },
    density: 'comfortable',
  });
});
