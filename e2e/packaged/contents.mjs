// What is in the packaged folder and what must not be.

import fs from 'node:fs';
import path from 'node:path';

/** @param {string} folder @param {string} resources @returns {import('./smoke.mjs').Check[]} */
export function checkContents(folder, resources) {
  const files = listFiles(folder);
  const foreign = files.filter(
    (file) => /onnxruntime-node[\\/]bin[\\/][^\\/]+[\\/]/.test(file) && !file.includes(own()),
  );
  const duckdb = new Set(
    files.flatMap((file) => /node-bindings-([a-z0-9]+-[a-z0-9]+(?:-musl)?)[\\/]/.exec(file)?.[1] ?? []),
  );
  const sample = listFiles(path.join(resources, 'sample'));
  return [
    absent(path.join(resources, 'app'), 'no loader app beside the archive'),
    absent(path.join(resources, 'default_app.asar'), "no default app of Electron's"),
    { name: "no other platform's inference runtime", ok: foreign.length === 0, detail: foreign[0] ?? '' },
    {
      name: "DuckDB's library for this platform, unpacked, and no other's",
      ok: duckdb.size === 1 && duckdb.has(`${process.platform}-${process.arch}`),
      detail: [...duckdb].join(', '),
    },
    { name: 'the sample workspace is there', ok: sample.length > 0 },
  ];
}

function own() {
  return path.join(process.platform, process.arch);
}

/** @param {string} file @param {string} name */
function absent(file, name) {
  return { name, ok: !fs.existsSync(file) };
}

/** @param {string} folder @returns {string[]} */
function listFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
