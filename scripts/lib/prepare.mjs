// The set-up every command begins with, in the order it depends on itself.

import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureNode, environmentWithNode } from './node.mjs';

/**
 * A new enough Node, the dependencies and an up-to-date `out/`. Costs milliseconds when nothing is to be done.
 * @returns {Promise<{node: string, env: NodeJS.ProcessEnv}>} the Node to run everything with, and its environment
 */
export async function prepare() {
  const node = await ensureNode();
  const env = environmentWithNode(node);
  await ensureDependencies();
  await ensureBuild({ node, env });
  return { node, env };
}
