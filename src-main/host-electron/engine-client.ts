/** Main as a client of the contract: it learns the theme and the server's state as any other client would. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { MessageChannelMain, type MessagePortMain } from 'electron';
import type { Contract } from '../contract/index.ts';
import type { Service } from '../contract/workspace.ts';

export type EngineClient = { rpc: ContractRouterClient<Contract>; close(): void };
export type Theme = 'system' | 'light' | 'dark';

/** `connect` gives the other end of the channel to the engine. */
export function createEngineClient(connect: (port: MessagePortMain) => boolean): EngineClient {
  const { port1, port2 } = new MessageChannelMain();
  connect(port2);
  port1.start();
  const link = new RPCLink({ port: port1 });
  return { rpc: createORPCClient(link), close: () => port1.close() };
}

/** Calls back with the theme and the services, at once and whenever they change, until the engine ends. */
export async function watchEngine(
  { rpc }: EngineClient,
  changed: { theme(theme: Theme): void; services(services: Service[]): void },
): Promise<void> {
  const events = await rpc.workspace.events({ notices: false });
  changed.theme((await rpc.settings.get()).theme);
  changed.services(await rpc.workspace.services());
  for await (const event of events) {
    if (event.type !== 'changed') continue;
    if (event.topics.includes('settings')) changed.theme((await rpc.settings.get()).theme);
    if (event.topics.includes('services')) changed.services(await rpc.workspace.services());
  }
}
