/** What the engine and a gateway say to each other. */
import { once } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GatewayToEngine } from '../../../platform/link.ts';
import { until } from '../../testing-engine.ts';
import {
  acks,
  context,
  fakeGateway,
  hasState,
  makeServing,
  serving,
  settings,
  sha256,
  start,
  statusOf,
  tap,
} from './testing-serving.ts';

describe('the gateway', () => {
  beforeEach(() => serving.start());

  it('is asked for with a runner, and must know the nonce', async () => {
    const lasting = context.host.ensured.filter(({ once }) => !once);
    expect(lasting.map(({ id, entry }) => [id, entry])).toEqual([
      ['gateway', 'gateway'],
      ['runner:cpu-0', 'runner'],
    ]);
    const stranger = await fakeGateway('0'.repeat(64));
    await once(stranger.socket, 'close');
    expect(stranger.heard).toEqual([]);
    const talker = await fakeGateway();
    await until('the state', hasState(talker), 2_000);
  });

  it('gets the whole state on connecting and on every change, with rising revisions', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    expect(gateway.state().endpoints).toEqual([]);
    const first = gateway.state().revision;
    serving.create({ name: 'e', model: 'm', version: '1' });
    await until('the endpoint', () => gateway.state().endpoints.length === 1, 2_000);
    expect(gateway.state()).toMatchObject({
      models: [{ key: 'm@1', sha256, path: context.blobs.path(sha256) }],
    });
    expect(gateway.state().revision).toBeGreaterThan(first);
    settings.update(0, { ports: { inferenceHttp: 8123 } });
    await until('the new port', () => gateway.state().listen.httpPort === 8123, 2_000);
  });

  it('keeps its port when it is restarted, and is not moved while it lives', async () => {
    const first = await fakeGateway(undefined, 11);
    await until('the state', hasState(first), 2_000);
    expect(first.state().listen.httpPort).toBe(0);
    first.send(statusOf(first, 45_678));
    await until('the url', () => serving.urls().http === 'http://127.0.0.1:45678', 2_000);
    serving.create({ name: 'e', model: 'm', version: '1' });
    await until('the endpoint', () => first.state().endpoints.length === 1, 2_000);
    expect(first.state().listen.httpPort).toBe(0);
    first.socket.destroy();
    await until('it is gone', () => serving.urls().http === null, 2_000);
    const second = await fakeGateway(undefined, 12);
    await until('the state', hasState(second), 2_000);
    expect(second.state().listen.httpPort).toBe(45_678);
    const { revision } = second.state();
    second.send({
      ...statusOf(second, null),
      listenErrors: [
        { code: 'LATHE_SERVING_PORT_IN_USE', status: 409, cause: 'taken', remedy: 'r', details: {} },
      ],
    } as GatewayToEngine);
    await until(
      'any other port',
      () => second.state().revision > revision && second.state().listen.httpPort === 0,
      2_000,
    );
  });

  it('that outlives the engine is known to the next one, and is neither stopped nor moved', async () => {
    const place = start();
    const before = await fakeGateway(undefined, 31);
    await until('the state', hasState(before), 2_000);
    before.send(statusOf(before, 45_679));
    await until('the url', () => serving.urls().http !== null, 2_000);
    const second = await fakeGateway(undefined, 32);
    await until('the state', hasState(second), 2_000);
    second.send(statusOf(second, 45_679));
    const { revision } = second.state();
    context.clock.advance(1_000);
    const next = makeServing();
    await next.start();
    try {
      expect(context.host.stopped).toEqual([]);
      expect(context.host.ensured.filter(({ id }) => id === 'gateway').at(-1)?.start).toEqual(place);
      const again = await fakeGateway(undefined, 32);
      await until('the state', hasState(again), 2_000);
      expect(again.state().revision).toBeGreaterThan(revision);
      expect(again.state().listen.httpPort).toBe(45_679);
    } finally {
      await next.close();
    }
  });

  it('is told that predictions are safe only once they are, and only the one that sent them', async () => {
    let commit: () => void = () => {};
    let tries = 0;
    serving.setTapHandler(async () => {
      tries += 1;
      if (tries === 1) throw new Error('disk full');
      await new Promise<void>((resolve) => {
        commit = resolve;
      });
    });
    const first = await fakeGateway(undefined, 21);
    await until('the state', hasState(first), 2_000);
    first.send(tap(1));
    await until('the second try', () => tries === 2, 5_000);
    expect(acks(first)).toEqual([]);
    commit();
    await until('the acknowledgement', () => acks(first).length === 1, 2_000);
    first.send(tap(2));
    await until('the commit under way', () => tries === 3, 2_000);
    first.socket.destroy();
    const second = await fakeGateway(undefined, 22);
    await until('the state', hasState(second), 2_000);
    commit();
    second.send(tap(1));
    await until('its own', () => tries === 4, 2_000);
    commit();
    await until('the acknowledgement', () => acks(second).length > 0, 2_000);
    // Number 2 belonged to the first gateway: told to the second, it would forget rows that are not saved.
    expect(acks(second)).toEqual([1]);
  });

  it('is not held up by rows that cannot be read: they count as lost', async () => {
    const taken: { seq: number; dropped: number; blocks: number }[] = [];
    serving.setTapHandler(async (taps) => {
      for (const { seq, dropped, blocks } of taps) taken.push({ seq, dropped, blocks: blocks.length });
    });
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    // The header says three rows; the body of the frame has none.
    const block = {
      endpoint: 'e',
      arm: 'a',
      version: '1',
      revision: 1,
      rows: 3,
      columns: [],
      score: null,
      jsonBytes: 2,
    };
    gateway.send({ ...tap(1), blocks: [block], dropped: 4 } as GatewayToEngine);
    gateway.send({ ...tap(2), blocks: [{ ...block, rows: -1 }] } as GatewayToEngine);
    gateway.send(tap(3));
    await until('all are acknowledged', () => acks(gateway).at(-1) === 3, 2_000);
    expect(taken).toEqual([
      { seq: 1, dropped: 7, blocks: 0 },
      { seq: 2, dropped: 0, blocks: 0 },
      { seq: 3, dropped: 0, blocks: 0 },
    ]);
  });

  it('tries a model and lets it go again, whatever comes of it', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    const answerWith = async (state: 'ready' | 'failed') => {
      await until('the temporary model', () => gateway.state().models.length === 1, 2_000);
      const key = gateway.state().models[0]?.key as string;
      const error = {
        code: 'LATHE_MODELS_NOT_ONNX' as const,
        status: 422,
        cause: 'c',
        remedy: 'r',
        details: { file: 'f', reason: 'no' },
      };
      gateway.send(
        statusOf(gateway, 1, [
          {
            key,
            state,
            error: state === 'failed' ? error : null,
            loadMs: 1,
            provider: 'cpu',
            fallback: null,
            memoryBytes: 0,
          },
        ]),
      );
    };
    const good = serving.verifyModel('/some/file', 'abc');
    await answerWith('ready');
    await good;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
    const bad = serving.verifyModel('/some/file', 'abc');
    const refused = expect(bad).rejects.toMatchObject({ code: 'LATHE_MODELS_NOT_ONNX' });
    await answerWith('failed');
    await refused;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
  });

  it('does not let a model that kills the runner kill it again and again', async () => {
    const gateway = await fakeGateway();
    await until('the state', hasState(gateway), 2_000);
    const refused = expect(serving.verifyModel('/some/file', 'abc')).rejects.toMatchObject({
      code: 'LATHE_MODELS_LOAD_FAILED',
    });
    await until('the temporary model', () => gateway.state().models.length === 1, 2_000);
    const process = {
      id: 'runner:cpu-0',
      state: 'restarting' as const,
      pid: null,
      restarts: 1,
      startedMs: 0,
      lastExit: null,
    };
    context.host.emit({ type: 'died', process, code: null, signal: 'SIGSEGV' });
    await refused;
    await until('it is let go', () => gateway.state().models.length === 0, 2_000);
  });
});
