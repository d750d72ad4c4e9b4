import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Settings } from '../../../contract/settings.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { DEFAULT_SETTINGS, readStored } from './settings.rules.ts';
import { createSettingsService } from './settings.service.ts';

let context: TestContext;
beforeEach(async () => {
  context = await openTestContext();
});
afterEach(() => context.close());

const service = (overrides = {}) => createSettingsService(context, overrides);

describe('settings', () => {
  test('start as valid defaults', () => {
    expect(Settings.parse(service().get())).toEqual({ ...DEFAULT_SETTINGS, revision: 0 });
  });

  test('a patch changes what it names and nothing else; listeners hear it; it is there after a restart', () => {
    const settings = service();
    const heard: Settings[] = [];
    settings.onChange((value) => heard.push(value));
    const first = settings.update(0, { theme: 'dark', serving: { maxBatchRows: 8 } });
    expect(first).toEqual({
      ...DEFAULT_SETTINGS,
      theme: 'dark',
      serving: { ...DEFAULT_SETTINGS.serving, maxBatchRows: 8 },
      revision: 1,
    });
    const second = settings.update(1, { ports: { mlflow: 5000 } });
    expect(second).toMatchObject({ theme: 'dark', ports: { mlflow: 5000, inferenceHttp: 0 }, revision: 2 });
    expect(heard).toEqual([first, second]);
    expect(service().get()).toEqual(second);
  });

  test('of any changes based on the same revision, one wins and the others are told', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 2, maxLength: 6 }), (sizes) => {
        const settings = service();
        const { revision } = settings.get();
        const outcomes = sizes.map((maxBatchRows) => {
          try {
            return settings.update(revision, { serving: { maxBatchRows } }).serving.maxBatchRows;
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'LATHE_CONFLICT' });
            return null;
          }
        });
        expect(outcomes).toEqual([sizes[0], ...sizes.slice(1).map(() => null)]);
        expect(settings.get()).toMatchObject({ revision: revision + 1, serving: { maxBatchRows: sizes[0] } });
      }),
      { numRuns: 20 },
    );
  });

  test('a revision from the future is refused too', () => {
    expect(() => service().update(1, { theme: 'dark' })).toThrow(
      expect.objectContaining({ code: 'LATHE_CONFLICT' }),
    );
  });

  test('the command line’s ports go before the stored ones, and are not stored', () => {
    const settings = service({ inferenceHttp: 8123 });
    settings.update(0, { ports: { inferenceHttp: 1, mlflow: 2 } });
    expect(settings.ports()).toEqual({ inferenceHttp: 8123, inferenceGrpc: 0, mlflow: 2 });
    expect(settings.get().ports.inferenceHttp).toBe(1);
  });

  test('whatever is stored is read as valid settings', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (json) => {
        expect(Settings.safeParse({ ...readStored(json), revision: 0 }).success).toBe(true);
      }),
    );
    const mixed = {
      theme: 'dark',
      serving: { maxBatchRows: -5 },
      monitoring: { retentionDays: 7, unknown: 1 },
    };
    expect(readStored(JSON.stringify(mixed))).toMatchObject({
      theme: 'dark',
      serving: DEFAULT_SETTINGS.serving,
      monitoring: { retentionDays: 7 },
    });
    // Written by an older version, which had fewer fields.
    expect(readStored('{"serving":{"maxBatchRows":5}}').serving).toEqual({
      ...DEFAULT_SETTINGS.serving,
      maxBatchRows: 5,
    });
  });
});
