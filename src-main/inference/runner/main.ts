/** Entry of the runner process: ONNX Runtime sessions of one device, driven by the gateway. Nothing else. */
import type { RunnerStart } from '../../platform/link.ts';
import { runAsChild } from '../lifecycle.ts';
import { startRunner } from './runner.ts';

runAsChild<RunnerStart>('runner', async (start, log) => startRunner(start, log));
