/** For tests only: an engine in a process of its own, so that it can be killed. Says where its MLflow port is. */
import { openTestEngine } from '../../testing-engine.ts';

const [workspace = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit(0));
const { engine } = await openTestEngine(workspace, {
  ports: { inferenceHttp: 0, inferenceGrpc: 0, mlflow: 0 },
});
process.send?.((await engine.ready).urls.mlflow);
