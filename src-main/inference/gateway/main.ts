/** Entry of the gateway process. */

import { runAsChild } from '../../platform/lifecycle.ts';
import type { GatewayStart } from '../../platform/link.ts';
import { startGateway } from './gateway.ts';

/** From source (tests) the TypeScript file itself runs; the bundle has it built beside. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const jsonWorker = new URL(`./json-worker.${extension}`, import.meta.url);

runAsChild<GatewayStart>('gateway', (start, log) => startGateway(start, log, jsonWorker));
