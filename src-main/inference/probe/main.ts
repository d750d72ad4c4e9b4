/** Entry of the process in which one execution provider is tried. It says each step before it takes it, then ends. */
import { setTimeout as pause } from 'node:timers/promises';
import { connectParent } from '../../platform/child.ts';
import type { TrialStart, TrialWord } from '../../platform/devices/trial.ts';

/** So that the word is out before native code holds, or ends, this process. */
const SPEAK_MS = 20;

const parent = connectParent();
const tell = async (word: TrialWord) => {
  parent.postMessage(word);
  await pause(SPEAK_MS);
};

parent.onDisconnect(() => process.exit(0));
parent.onMessage(async (message) => {
  const { type, start } = message as { type?: string; start?: TrialStart };
  if (type === 'shutdown') process.exit(0);
  if (type !== 'start' || start?.role !== 'probe') return;
  await tell({ type: 'step', step: 'loading ONNX Runtime' });
  try {
    const { tryProvider } = await import('./trial.ts');
    await tell({
      type: 'end',
      end: await tryProvider(start.provider, (step) => tell({ type: 'step', step })),
    });
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    await tell({ type: 'end', end: { kind: 'failed', reason } });
  }
  process.exit(0);
});
