// The same requests to Lathe and to MLflow's own server, side by side.
//
//   node conformance/mlflow/peer/compare.mjs LATHE-URL MLFLOW-URL [scenario]   against servers that run already

import { fileURLToPath } from 'node:url';
import { readCases } from './cases.mjs';
import { judge } from './differences.mjs';
import { compare } from './harness.mjs';

/**
 * Both must be new: numbers are given out from the beginning.
 * @param {{lathe: string, mlflow: string}} servers
 * @returns {Promise<{passed: number, failed: number}>}
 */
export async function compareWithPeer(servers) {
  const { steps, differences } = await compare(readCases(), servers);
  const { unexpected, gone } = judge(differences);
  for (const { at, lathe, mlflow } of differences.filter(({ at }) => unexpected.includes(at)))
    console.log(`${at}\n  Lathe   ${lathe.slice(0, 1500)}\n  MLflow  ${mlflow.slice(0, 1500)}`);
  for (const text of gone) console.log(`${text}\n  is expected to differ, and does not`);
  console.log(
    `${steps} requests to both: ${differences.length - unexpected.length} answers differ on purpose, ${unexpected.length} otherwise`,
  );
  const failed = unexpected.length + gone.length;
  return { passed: steps - failed, failed };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [lathe = '', mlflow = '', only = ''] = process.argv.slice(2);
  const { differences } = await compare(
    readCases().filter(({ name }) => name.startsWith(only)),
    { lathe, mlflow },
  );
  for (const one of differences) console.log(`${one.at}\n  Lathe   ${one.lathe}\n  MLflow  ${one.mlflow}`);
  console.log(`${differences.length} answers differ`, only ? '' : judge(differences));
}
