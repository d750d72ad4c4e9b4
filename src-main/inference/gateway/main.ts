/** Entry of the gateway process. */
import type { GatewayStart } from '../../platform/link.ts';
import { runAsChild } from '../lifecycle.ts';
import { startGateway } from './gateway.ts';

runAsChild<GatewayStart>('gateway', startGateway);
