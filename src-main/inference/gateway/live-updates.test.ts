/** Routes that change under load on the real processes: nothing fails, and every answer is what it says it is. */
import { Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ArmSpec } from '../../platform/link.ts';
import { type Answer, clientOf, type Failure, scaledModel } from '../testing/client.ts';
import { grpcClient } from '../testing/grpc-client.ts';
import { endpoint, type Stack, settled, startStack, until } from '../testing/stack.ts';
import type { GrpcInferResponse } from './grpc-protocol.ts';

let stack: Stack;
const { post, infer } = clientOf(() => stack);
afterEach(async () => stack?.close());

const one = (v: number) => ({ inputs: [{ name: 'v', shape: [1, 1], datatype: 'FP32', data: [v] }] });
const model = (version: string) => stack.model('m', version, scaledModel(Number(version)));
const stateOf = (version: string) => stack.status()?.models.find(({ key }) => key === `m@${version}`);
const only = (version: string): ArmSpec[] => [{ key: 'main', version, weight: 10_000 }];

/** What the engine does: the last version that was loaded stays until the new one is. */
function switcher() {
  let wanted = '1';
  let good = '1';
  const epochs: { fromMs: number; versions: string[] }[] = [];
  const send = () => {
    const versions = [...new Set([wanted, good])];
    epochs.push({ fromMs: performance.now(), versions });
    const former = good === wanted ? null : only(good);
    stack.apply({
      models: versions.map(model),
      endpoints: [endpoint('m', [], { arms: only(wanted), former })],
    });
  };
  const settle = () => {
    if (good === wanted || stateOf(wanted)?.state !== 'ready') return;
    good = wanted;
    send();
  };
  send();
  return {
    to(version: string) {
      settle();
      wanted = version;
      send();
    },
    settle,
    /** Versions that could answer at some moment between the two; what was sent takes a while to arrive. */
    routedBetween: (fromMs: number, toMs: number) =>
      new Set(
        epochs
          .filter(({ fromMs: begin }, at) => {
            const end = epochs[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
            return begin <= toMs && end + 500 >= fromMs;
          })
          .flatMap(({ versions }) => versions),
      ),
  };
}

describe('versions that flip every 200 ms under 64 clients', () => {
  it('fail nobody, drop nobody, and each answer is by the version that it names', async () => {
    stack = await startStack();
    stack.apply({ listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 } });
    const switched = switcher();
    await settled(stack);
    await until('gRPC listens', () => stack.status()?.listening.grpc != null);
    const grpc = grpcClient(stack.status()?.listening.grpc as number);
    const answers: { version: string; route: string; value: number; fromMs: number; toMs: number }[] = [];
    const failures: unknown[] = [];
    let running = true;
    const byHttp = async (n: number) => {
      const fromMs = performance.now();
      const { status, headers, json } = await post('/v2/models/m/infer', one(n));
      if (status !== 200) return void failures.push(json);
      const { model_version: version, outputs } = json as Answer;
      const route = headers.get('x-lathe-route') as string;
      const value = outputs[0]?.data[0] as number;
      answers.push({ version, route, value: value / n, fromMs, toMs: performance.now() });
    };
    const byGrpc = async (n: number) => {
      const fromMs = performance.now();
      const raw = Buffer.from(Float32Array.of(n).buffer);
      const inputs = [{ name: 'v', datatype: 'FP32', shape: [1, 1] }];
      const request = { model_name: 'm', inputs, raw_input_contents: [raw] };
      const answer = await grpc.call<GrpcInferResponse>('ModelInfer', request, new Metadata());
      const { model_version: version } = answer;
      const value = Buffer.from(answer.raw_output_contents[0] as Uint8Array).readFloatLE(0);
      answers.push({ version, route: `main@${version}`, value: value / n, fromMs, toMs: performance.now() });
    };
    const client = async (_: unknown, id: number) => {
      // One failure is enough to know; and a server that is gone would be asked for ever.
      for (let n = 1; running && failures.length === 0; n++)
        await (id % 8 === 0 ? byGrpc(n) : byHttp(n)).catch((thrown: unknown) => void failures.push(thrown));
    };
    const clients = Promise.all(Array.from({ length: 64 }, client));
    for (let flip = 1; flip <= 20; flip++) {
      switched.to(String(1 + (flip % 3)));
      for (let part = 0; part < 10; part++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        switched.settle();
      }
    }
    running = false;
    await clients;
    grpc.close();
    expect(failures).toEqual([]);
    const wrong = answers.filter(
      ({ version, route, value, fromMs, toMs }) =>
        value !== Number(version) ||
        route !== `main@${version}` ||
        !switched.routedBetween(fromMs, toMs).has(version),
    );
    expect(wrong).toEqual([]);
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set(['1', '2', '3']));
  }, 90_000);
});

describe('a version that does not load', () => {
  it('leaves the units with what answered them before, arm by arm, and says why', async () => {
    stack = await startStack();
    const former = [
      { key: 'a', version: '1', weight: 5_000 },
      { key: 'b', version: '2', weight: 5_000 },
    ];
    stack.apply({
      models: ['1', '2'].map(model),
      endpoints: [endpoint('m', [], { arms: former, sticky: { kind: 'header', name: 'x-who' } })],
    });
    await settled(stack);
    const who = Array.from({ length: 40 }, (_, at) => ({ 'x-who': `unit-${at}` }));
    const routes = () =>
      Promise.all(
        who.map(async (headers) => (await infer('m', one(3), headers)).headers.get('x-lathe-route')),
      );
    const before = await routes();
    expect(new Set(before)).toEqual(new Set(['a@1', 'b@2']));
    const corrupt = stack.model('m', '3', scaledModel(3).subarray(0, 60));
    const arms = [former[0] as ArmSpec, { key: 'b', version: '3', weight: 5_000 }];
    const route = (part: object) =>
      endpoint('m', [], { arms, sticky: { kind: 'header', name: 'x-who' }, ...part });
    stack.apply({ models: [...['1', '2'].map(model), corrupt], endpoints: [route({ former })] });
    await until('it has failed', () => stateOf('3')?.state === 'failed');
    expect(stateOf('3')?.error?.code).toBe('LATHE_MODELS_NOT_ONNX');
    expect(await routes()).toEqual(before);
    expect((await infer('m', one(3), { 'x-lathe-force-arm': 'b' })).answer.model_version).toBe('2');
    expect((await fetch(stack.url('/v2/models/m/ready'))).status).toBe(200);
    // Without what was before, there is nothing to answer with.
    stack.apply({ endpoints: [route({})] });
    await until('it is refused', async () => {
      const { status, json } = await post('/v2/models/m/infer', one(3), { 'x-lathe-force-arm': 'b' });
      return status === 503 && (json as Failure).code === 'LATHE_SERVING_MODEL_UNAVAILABLE';
    });
  });
});

describe('what a unit is', () => {
  it('is what the route says, and else the input, whatever its id', async () => {
    stack = await startStack();
    const arms = [
      { key: 'a', version: '1', weight: 5_000 },
      { key: 'b', version: '2', weight: 5_000 },
    ];
    const models = ['1', '2'].map(model);
    const serve = (sticky: NonNullable<Parameters<typeof endpoint>[2]>['sticky']) =>
      stack.apply({
        models,
        endpoints: [endpoint('m', [], { arms, logging: true, ...(sticky && { sticky }) })],
      });
    const armOf = async (v: number, headers: Record<string, string> = {}, id = 'x') =>
      (await infer('m', { id, ...one(v) }, headers)).answer.parameters.lathe_arm;
    const arm = (headers: (unit: string) => Record<string, string>) =>
      Promise.all(Array.from({ length: 40 }, (_, at) => armOf(at, headers(`u${at % 20}`), `id-${at}`)));
    stack.apply({ listen: { host: '127.0.0.1', httpPort: 0, grpcPort: 0 } });
    serve({ kind: 'unit' });
    await settled(stack);
    await until('gRPC listens', () => stack.status()?.listening.grpc != null);
    const named = await arm((unit) => ({ 'x-lathe-unit': unit }));
    expect(new Set(named).size).toBe(2);
    expect(await arm((unit) => ({ 'x-user-id': unit }))).toEqual(named);
    expect(await arm((unit) => ({ 'x-user-id': 'other', 'x-lathe-unit': unit }))).toEqual(named);
    expect(named.slice(20)).toEqual(named.slice(0, 20));
    serve({ kind: 'cookie', name: 'sid' });
    await until('by cookie', async () => {
      const both = await arm((unit) => ({ cookie: `theme=dark; sid=${unit}; x=y`, 'x-lathe-unit': 'same' }));
      return both.join() === named.join();
    });
    // The same on gRPC, where headers are metadata.
    const grpc = grpcClient(stack.status()?.listening.grpc as number);
    const byGrpc = Array.from({ length: 20 }, async (_, at) => {
      const metadata = new Metadata();
      metadata.set('cookie', `sid=u${at}`);
      const raw_input_contents = [Buffer.from(Float32Array.of(1).buffer)];
      const inputs = [{ name: 'v', datatype: 'FP32', shape: [1, 1] }];
      const request = { model_name: 'm', inputs, raw_input_contents };
      const { model_version: version } = await grpc.call<GrpcInferResponse>('ModelInfer', request, metadata);
      return version === '1' ? 'a' : 'b';
    });
    expect(await Promise.all(byGrpc)).toEqual(named.slice(0, 20));
    grpc.close();
    const byInput = await arm(() => ({}));
    serve({ kind: 'input' });
    await until(
      'by input',
      async () => (await arm((unit) => ({ cookie: `sid=${unit}` }))).join() === byInput.join(),
    );
    expect(new Set(await Promise.all(['p', 'q', 'r', 's'].map((id) => armOf(7, {}, id)))).size).toBe(1);
  });
});
