import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LatheError } from '../../../contract/errors.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea, type Experiments } from '../experiments/index.ts';
import { createModelService, type Models } from './models.service.ts';
import { inspectOnnx } from './onnx.ts';

const sample = (name: string) =>
  new URL(`../../../../resources/sample/models/${name}`, import.meta.url).pathname;
const fixture = (name: string) =>
  new URL(`../../../../e2e/fixtures/models/${name}`, import.meta.url).pathname;

let context: TestContext;
let models: Models;
let experiments: Experiments;

beforeEach(async () => {
  context = await openTestContext();
  models = createModelService(context);
  experiments = createExperimentsArea(context).experiments;
});
afterEach(() => context.close());

const register = (file: string, part: Partial<Parameters<Models['register']>[0]> = {}) =>
  models.register({ model: 'flight-delay', file, temporary: false, fileName: 'given.onnx', ...part });

const blobFiles = async () =>
  (await readdir(join(context.paths.root, 'blobs'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile(),
  );

describe('registering', () => {
  test('reads what the model says of itself, from the real sample model', async () => {
    const version = await register(sample('delay-v1.onnx'), { metrics: { auc: 0.7 }, aliases: ['champion'] });
    expect(version).toMatchObject({
      model: 'flight-delay',
      version: '1',
      metrics: { auc: 0.7 },
      aliases: ['champion'],
      hasReference: false,
      servedBy: [],
    });
    expect(version.opset).toBeGreaterThan(8);
    expect(version.inputs).toContainEqual({ name: 'carrier', datatype: 'BYTES', shape: [-1, 1] });
    expect(version.inputs).toContainEqual({ name: 'distance', datatype: 'FP32', shape: [-1, 1] });
    expect(version.outputs).toContainEqual({ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] });
    expect(version.prediction).toEqual({
      task: 'binary-classification',
      label: 'label',
      score: { output: 'probabilities', index: 1 },
      threshold: 0.5,
    });
    expect(await readFile(context.blobs.path(version.sha256 ?? ''))).toEqual(
      await readFile(sample('delay-v1.onnx')),
    );
  });

  test('reads a regression’s number as its score, and another model’s class as its label', async () => {
    const spec = (task: 'regression' | 'other', label: string | null) => ({
      prediction: { task, label, score: null, threshold: 0.5 },
    });
    const read = async (task: 'regression' | 'other', label: string | null) =>
      (await register(sample('delay-v1.onnx'), spec(task, label))).prediction;
    expect(await read('regression', 'probabilities')).toMatchObject({
      ...{ label: 'probabilities', score: { output: 'probabilities', index: 0 } },
    });
    // No number.
    expect(await read('regression', 'label')).toMatchObject({ label: 'label', score: null });
    expect(await read('other', null)).toMatchObject({ label: 'label', score: null });
  });

  test('numbers versions from 1; the same bytes are kept once', async () => {
    const versions = [];
    for (const file of ['delay-v1.onnx', 'delay-v2.onnx', 'delay-v1.onnx'])
      versions.push(await register(sample(file)));
    expect(versions.map(({ version }) => version)).toEqual(['1', '2', '3']);
    expect(versions[0]?.sha256).toBe(versions[2]?.sha256);
    expect(await blobFiles()).toHaveLength(2);
    expect(models.get('flight-delay').versions.map(({ version }) => version)).toEqual(['3', '2', '1']);
    expect(models.list()).toMatchObject([{ name: 'flight-delay', versionCount: 3, latest: '3' }]);
  });

  test('concurrent registrations get numbers of their own', async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, () => register(sample('delay-v1.onnx'))));
    expect(versions.map(({ version }) => Number(version)).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each([
    ['not-onnx.onnx', 'LATHE_MODELS_NOT_ONNX'],
    ['truncated.onnx', 'LATHE_MODELS_NOT_ONNX'],
  ])('refuses %s and keeps nothing of it', async (file, code) => {
    const upload = join(context.paths.uploads, 'upload');
    await copyFile(fixture(file), upload);
    await expect(register(upload, { temporary: true })).rejects.toMatchObject({ code });
    expect(models.list()).toEqual([]);
    expect((await blobFiles()).map(({ name }) => name)).toEqual(['upload']);
  });

  test('refuses what the runner cannot load, by the name a person knows, and keeps nothing of it', async () => {
    models.verifyWith(async (path, sha256) => {
      expect(path).toBe(sample('delay-v1.onnx'));
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      throw new LatheError('LATHE_MODELS_UNSUPPORTED_OPERATOR', { file: path, operator: 'x.Y' });
    });
    await expect(register(sample('delay-v1.onnx'))).rejects.toMatchObject({
      code: 'LATHE_MODELS_UNSUPPORTED_OPERATOR',
      details: { file: 'given.onnx', operator: 'x.Y' },
    });
    expect(await blobFiles()).toEqual([]);
  });

  test('a failure after the file was stored takes the file away again, unless another version has it', async () => {
    context.db.exec(
      "CREATE TRIGGER broken BEFORE INSERT ON model_alias BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    await expect(register(sample('delay-v1.onnx'), { aliases: ['a'] })).rejects.toThrow('no');
    expect(await blobFiles()).toEqual([]);
    expect(models.list()).toEqual([]);
    const kept = await register(sample('delay-v1.onnx'));
    await expect(register(sample('delay-v1.onnx'), { aliases: ['a'] })).rejects.toThrow('no');
    expect(context.blobs.has(kept.sha256 ?? '')).toBe(true);
  });
});

describe('inspecting', () => {
  test('a plain model with other shapes', async () => {
    expect(await inspectOnnx(fixture('custom-shape.onnx'), 'x')).toMatchObject({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    });
  });

  test('every cut of a real model is refused with a reason, never with a crash', async () => {
    const whole = await readFile(sample('delay-v1.onnx'));
    const file = join(context.paths.uploads, 'cut');
    for (let size = 0; size < whole.length; size += 97) {
      await writeFile(file, whole.subarray(0, size));
      await expect(inspectOnnx(file, 'cut.onnx')).rejects.toMatchObject({ code: 'LATHE_MODELS_NOT_ONNX' });
    }
  });

  test('any damage ends in a model or in a LATHE code', async () => {
    const whole = await readFile(sample('delay-v1.onnx'));
    const file = join(context.paths.uploads, 'damaged');
    for (let at = 0; at < whole.length; at += 41) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await writeFile(file, damaged);
      const outcome = await inspectOnnx(file, 'damaged.onnx').catch((thrown: unknown) => thrown);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(LatheError);
    }
  });

  test('weights in another file are refused: they would be missing', async () => {
    // ModelProto{ir_version 8, opset_import{version 13}, graph{node{op_type Add}, initializer{name w, data_location EXTERNAL}, output{}}}
    const message = (no: number, ...parts: Buffer[]) => {
      const body = Buffer.concat(parts);
      return Buffer.concat([Buffer.from([(no << 3) | 2, body.length]), body]);
    };
    const number = (no: number, value: number) => Buffer.from([no << 3, value]);
    const graph = message(
      7,
      message(1, message(4, Buffer.from('Add'))),
      message(5, message(8, Buffer.from('w')), number(14, 1)),
    );
    const file = join(context.paths.uploads, 'external');
    await writeFile(file, Buffer.concat([number(1, 8), message(8, number(2, 13)), graph]));
    await expect(inspectOnnx(file, 'external.onnx')).rejects.toMatchObject({
      code: 'LATHE_MODELS_LOAD_FAILED',
      details: { reason: expect.stringContaining('separate file') },
    });
  });
});

describe('what is known of a version', () => {
  test('its run, its reference, its aliases and the endpoints that serve it', async () => {
    const experimentId = experiments.ensureExperiment('delays');
    const runId = await experiments.logRun({
      experimentId,
      name: 'logreg',
      status: 'FINISHED',
      startedMs: 1,
      endedMs: 2,
      params: {},
      tags: {},
      metrics: [],
      datasets: [
        {
          name: 'flights',
          sha256: 'aa',
          source: 'here',
          license: 'CC0',
          rows: 50_009,
          profile: null,
          context: 'training',
        },
      ],
    });
    await register(sample('delay-v1.onnx'), { runId });
    await register(sample('delay-v2.onnx'), { reference: '{"rows":1}' });
    models.setReference('flight-delay', '1', '{"rows":2}');
    models.setAlias('flight-delay', 'champion', '1');
    models.setAlias('flight-delay', 'champion', '2');
    expect(models.reference('flight-delay', '1')).toBe('{"rows":2}');
    expect(models.version('flight-delay', '1')).toMatchObject({ runId, hasReference: true, aliases: [] });
    expect(models.version('flight-delay', '2').aliases).toEqual(['champion']);
    expect((await experiments.run(runId)).produced).toEqual([{ model: 'flight-delay', version: '1' }]);

    const arms = [
      { key: 'champion', version: '1', weight: 8000 },
      { key: 'challenger', version: '2', weight: 2000 },
    ];
    context.db
      .prepare(
        `INSERT INTO endpoint(uuid, name, model_id, salt, arms, logging, enabled, created_ms, updated_ms)
         SELECT 'u', 'delay', id, 's', ?, 1, 1, 1, 1 FROM registered_model`,
      )
      .run(JSON.stringify(arms));
    expect(models.version('flight-delay', '2').servedBy).toEqual(['delay']);
    // What only watches, or answers until the new arms are loaded, is in use as well.
    const inUse = () => ['1', '2'].map((version) => models.version('flight-delay', version).servedBy.length);
    const [first, second] = arms.map((arm) => JSON.stringify([arm]));
    context.db.prepare('UPDATE endpoint SET arms = ?, former = ?').run(first, second);
    expect(inUse()).toEqual([1, 1]);
    context.db.prepare('UPDATE endpoint SET former = NULL').run();
    expect(inUse()).toEqual([1, 0]);
    const routing = {
      sticky: { kind: 'unit' },
      mode: { kind: 'fixed' },
      shadow: { version: '2', fraction: 1 },
    };
    context.db.prepare('UPDATE endpoint SET routing = ?').run(JSON.stringify(routing));
    expect(inUse()).toEqual([1, 1]);
  });

  test('what is not there says so', () => {
    expect(models.find('none', '1')).toBeNull();
    for (const call of [
      () => models.get('none'),
      () => models.version('none', '1'),
      () => models.setAlias('none', 'a', '1'),
      () => models.setReference('none', '1', '{}'),
    ])
      expect(call).toThrow(expect.objectContaining({ code: 'LATHE_NOT_FOUND' }));
  });
});
