/** The page's one client of the engine. Calls are typed by the contract and reject with RpcError. */
import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { useSyncExternalStore } from 'react';
import type { Contract } from '../../src-main/contract/index.ts';
import { type ConnectionStatus, createConnection } from './connection.ts';
import { transportOfThisPage } from './transport.ts';

export type Rpc = ContractRouterClient<Contract>;

export const connection = createConnection({ transport: transportOfThisPage() });
export const rpc: Rpc = createORPCClient(connection);

export const useConnection = (): ConnectionStatus =>
  useSyncExternalStore(connection.subscribe, connection.status);
