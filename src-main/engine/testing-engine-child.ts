/** For tests only: an engine in a process of its own, so that it can be killed. Ends with its parent. */
import { openTestEngine } from './testing-engine.ts';

const [workspace = '', speed = '0'] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
const { api } = await openTestEngine(workspace, { sample: true });
if (Number(speed) > 0) await api.replay.setSpeed({ speed: Number(speed) }).catch(() => {});
process.send?.('open');
