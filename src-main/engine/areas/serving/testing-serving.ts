/**
 * Serving on a real workspace, made anew for each test of a file that imports this; the gateway is a stand-in that
 * speaks the real link over the real socket.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import type { Arm, BanditPlan, Route } from '../../../contract/serving-route.ts';
import { readFrames, writeFrame } from '../../../platform/frames.ts';
import type { DesiredState, EngineToGateway, GatewayStart, GatewayToEngine } from '../../../platform/link.ts';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createSettingsArea, type SettingsService } from '../settings/index.ts';
import type { FoundVersion } from './serving.rules.ts';
import { createServingService, type ServingService } from './serving.service.ts';

export let context: TestContext;
export let serving: ServingService;
export let makeServing: () => ServingService;
const services: ServingService[] = [];
export const recorded: string[] = [];
export let settings: SettingsService;
export let sha256 = '';
let numbers: string[];

beforeEach(async () => {
  numbers = ['3', '1', '2'];
  context = await openTestContext();
  ({ sha256 } = await context.blobs.put(Buffer.from('a model')));
  context.db.exec("INSERT INTO registered_model(uuid, name, created_ms, updated_ms) VALUES ('u', 'm', 1, 1)");
  ({ settings } = createSettingsArea(context, { ports: {} }));
  const version: FoundVersion = {
    sha256,
    notServable: null,
    inputs: [],
    outputs: [],
    prediction: { label: null, score: null, threshold: 0.5 },
  };
  makeServing = () => {
    const made = createServingService(context, {
      findVersion: (model, number) => (model === 'm' && Number(number) <= 3 ? version : null),
      versionsOf: () => numbers,
      activities: { record: (entry) => void recorded.push(entry.title) },
      settings,
    });
    services.push(made);
    return made;
  };
  serving = makeServing();
});
/** As an engine that was started again sees the workspace. */
export function reopen(): void {
  serving = makeServing();
}

/** The numbers of the model's versions. */
export function setNumbers(next: string[]): void {
  numbers = next;
}

afterEach(async () => {
  for (const gateway of gateways.splice(0)) gateway.socket.destroy();
  for (const service of services.splice(0)) await service.close();
  await context.close();
});

export type FakeGateway = {
  socket: Socket;
  heard: EngineToGateway[];
  send(message: GatewayToEngine): void;
  state(): DesiredState;
};
const gateways: FakeGateway[] = [];
export const start = () => context.host.ensured.find(({ id }) => id === 'gateway')?.start as GatewayStart;

export async function fakeGateway(nonce = start().nonce, pid = 1): Promise<FakeGateway> {
  const socket = connect(start().engineSocket);
  const heard: EngineToGateway[] = [];
  readFrames<EngineToGateway>(socket, ({ header }) => void heard.push(header));
  socket.on('error', () => {});
  await once(socket, 'connect');
  const gateway: FakeGateway = {
    socket,
    heard,
    send: (message) => void writeFrame(socket, message),
    state: () => {
      const last = heard.findLast((message) => message.type === 'state');
      if (!last) throw new Error('no state was sent');
      return last.state;
    },
  };
  gateways.push(gateway);
  gateway.send({ type: 'hello', nonce, pid });
  return gateway;
}
export const statusOf = (
  gateway: FakeGateway,
  http: number | null,
  models: Extract<GatewayToEngine, { type: 'status' }>['models'] = [],
): GatewayToEngine => ({
  type: 'status',
  revision: gateway.state().revision,
  listening: { http, grpc: null },
  listenErrors: [],
  models,
  runner: { connected: true, pid: 2 },
  memory: { usedBytes: 0, budgetBytes: 1 },
});
export const hasState = (gateway: FakeGateway) => () => gateway.heard.some(({ type }) => type === 'state');
export const tap = (seq: number): GatewayToEngine => ({
  type: 'tap',
  instance: 'a-gateway',
  seq,
  blocks: [],
  dropped: 0,
  sampledOut: 0,
});
export const acks = ({ heard }: FakeGateway) => heard.flatMap((m) => (m.type === 'tap-ack' ? [m.seq] : []));

export const routed = (arms: Arm[], part: Partial<Route> = {}): Route => ({
  arms,
  sticky: { kind: 'unit' },
  mode: { kind: 'fixed' },
  shadow: null,
  ...part,
});

export const bandit = (floor: number): BanditPlan => ({
  kind: 'bandit',
  floor,
  reward: 'binary',
  everyRewards: 10,
});
