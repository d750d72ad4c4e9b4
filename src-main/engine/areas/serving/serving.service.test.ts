import { describe, expect, it } from 'vitest';
import type { ModelTuning } from '../../../contract/serving.ts';
import { until } from '../../testing-engine.ts';
import { context, fakeGateway, hasState, routed, serving, setNumbers } from './testing-serving.ts';
import { DEFAULT_TUNING } from './tuning.ts';

describe('the tuning of a model', () => {
  const tuned = (part: Partial<ModelTuning>) => ({ ...DEFAULT_TUNING, ...part });

  it('is revisioned, kept, and sent to the gateway at once', async () => {
    expect(serving.tuning('m')).toEqual({ model: 'm', revision: 0, tuning: DEFAULT_TUNING });
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    const saved = serving.setTuning({ model: 'm', revision: 0, tuning: tuned({ sloMs: 50, priority: 1 }) });
    expect(saved.revision).toBe(1);
    await until('the state', () => gateway.state().models[0]?.tuning?.sloMs === 50, 2_000);
    const old = { model: 'm', revision: 0, tuning: DEFAULT_TUNING };
    expect(() => serving.setTuning(old)).toThrow('was changed by someone else');
    expect(() => serving.setTuning({ ...old, model: 'nobody' })).toThrow('no model named nobody');
    // It goes with the model, whatever that is called.
    context.db.exec("UPDATE registered_model SET name = 'renamed' WHERE name = 'm'");
    expect(serving.tuning('renamed')).toMatchObject({ revision: 1, tuning: { sloMs: 50 } });
  });

  it('remembers what a client of the protocol unloaded, also for the next gateway', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    gateway.send({ type: 'repository', model: 'm', loaded: false });
    await until('it is kept', () => serving.tuning('m').tuning.loaded === false, 2_000);
    await until('the state says so', () => gateway.state().models[0]?.loaded === false, 2_000);
    // What is unknown here is nobody's business; the next message is heard all the same.
    gateway.send({ type: 'repository', model: 'nobody', loaded: false });
    serving.setLoaded({ model: 'm', loaded: true });
    await until('it is back', () => gateway.state().models[0]?.loaded === true, 2_000);
  });

  it('has a model that failed tried again when it is loaded though it was to be loaded before', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    const retries = () => gateway.heard.filter(({ type }) => type === 'load');
    serving.setLoaded({ model: 'm', loaded: false });
    // The protocol's own load has tried it already.
    gateway.send({ type: 'repository', model: 'm', loaded: true });
    await until('it is kept', () => serving.tuning('m').tuning.loaded, 2_000);
    expect(retries()).toEqual([]);
    serving.setLoaded({ model: 'm', loaded: true });
    await until('it is told', () => retries().length > 0, 2_000);
    expect(retries()).toEqual([{ type: 'load', model: 'm' }]);
  });

  it('keeps a new version in memory when the policy says so', async () => {
    await serving.start();
    const gateway = await fakeGateway();
    await until('the first state', hasState(gateway), 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    serving.setTuning({ model: 'm', revision: 0, tuning: tuned({ versions: { kind: 'latest', count: 1 } }) });
    const versions = () => gateway.state().models.map(({ version }) => version);
    await until('the newest is there', () => versions().join() === '1,3', 2_000);
    setNumbers(['1', '2']);
    context.events.changed('models');
    await until('the newest is another', () => versions().join() === '1,2', 2_000);
  });

  it('that cannot be read is the default', () => {
    context.db.exec(
      "INSERT INTO setting(key, value, rev, updated_ms) SELECT 'serving.model.' || id, '{\"sloMs\":-1}', 4, 1 FROM registered_model",
    );
    expect(serving.tuning('m')).toEqual({ model: 'm', revision: 4, tuning: DEFAULT_TUNING });
  });
});

describe('endpoints', () => {
  it('are made, split, switched and removed; each change is kept with who, when and why', () => {
    const made = serving.create({ name: 'e', model: 'm', version: '1' });
    expect(made).toMatchObject({
      revision: 1,
      enabled: true,
      logging: true,
      arms: [{ key: 'main', weight: 10_000 }],
    });
    const arms = [
      { key: 'a', version: '1', weight: 9000 },
      { key: 'b', version: '2', weight: 1000 },
    ];
    context.clock.advance(10);
    const split = serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: 'try 2' });
    expect(split.arms.map(({ weight }) => weight)).toEqual([9000, 1000]);
    serving.setLogging({ name: 'e', revision: 2, logging: false });
    serving.setEnabled({ name: 'e', revision: 3, enabled: false });
    const history = serving.history('e');
    expect(history.map(({ revision, reason }) => [revision, reason])).toEqual([
      [4, 'disabled'],
      [3, 'prediction logging off'],
      [2, 'try 2'],
      [1, 'created'],
    ]);
    expect(history[2]).toMatchObject({ route: { arms }, atMs: (history[3]?.atMs as number) + 10 });
    expect(history[0]?.actor).not.toBe('');
    serving.remove({ name: 'e', revision: 4 });
    expect(serving.list()).toEqual([]);
  });

  it('refuse a change that is based on an old revision, and stay as they are', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    serving.setLogging({ name: 'e', revision: 1, logging: false });
    const before = serving.get('e');
    const arms = [{ key: 'a', version: '2', weight: 10_000 }];
    const conflict = expect.objectContaining({ code: 'LATHE_CONFLICT' });
    expect(() => serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: '' })).toThrow(
      conflict,
    );
    expect(() => serving.remove({ name: 'e', revision: 1 })).toThrow(conflict);
    expect(serving.get('e')).toEqual(before);
  });

  it('refuse names that are taken or unknown, and versions that do not exist', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    const code = (value: string) => expect.objectContaining({ code: value });
    expect(() => serving.create({ name: 'e', model: 'm', version: '1' })).toThrow(code('LATHE_CONFLICT'));
    expect(() => serving.create({ name: 'f', model: 'm', version: '9' })).toThrow(code('LATHE_NOT_FOUND'));
    expect(() => serving.get('nobody')).toThrow(code('LATHE_NOT_FOUND'));
    const arms = [{ key: 'a', version: '9', weight: 10_000 }];
    expect(() => serving.setRoute({ name: 'e', revision: 1, route: routed(arms), reason: '' })).toThrow(
      code('LATHE_SERVING_SPLIT_INVALID'),
    );
  });

  it('give their name free when they are removed', () => {
    serving.create({ name: 'e', model: 'm', version: '1' });
    const first = serving.find('e')?.id;
    serving.remove({ name: 'e', revision: 1 });
    serving.create({ name: 'e', model: 'm', version: '2' });
    expect(serving.find('e')?.id).not.toBe(first);
    expect(serving.history('e')).toHaveLength(1);
  });
});
