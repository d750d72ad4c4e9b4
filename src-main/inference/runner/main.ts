/** Entry of the runner process: ONNX Runtime sessions of one device, driven by the gateway. Nothing else. */

import { runAsChild } from '../../platform/lifecycle.ts';
import type { RunnerStart } from '../../platform/link.ts';
import { startRunner } from './runner.ts';

runAsChild<RunnerStart>('runner', async (start, log) => startRunner(start, log));
