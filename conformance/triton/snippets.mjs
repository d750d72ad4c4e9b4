// The code that the try-it console gives to copy, as Python files to run against the server.

import fs from 'node:fs';
import path from 'node:path';
import { bodyText } from '../../src-renderer/areas/serving/try/request-body.ts';
import { BODY_FILE, isLong, snippet } from '../../src-renderer/areas/serving/try/snippets.ts';

const LANGUAGES = /** @type {const} */ (['requests', 'triton']);

/** Rows of INPUT0 and INPUT1 of `simple`. @param {number} rows */
function pair(rows) {
  const values = (/** @type {number} */ step) => Array.from({ length: rows * 16 }, (_, at) => at * step);
  const shape = [rows, 16];
  return {
    inputs: [
      { name: 'INPUT0', datatype: /** @type {const} */ ('INT32'), shape, data: values(1) },
      { name: 'INPUT1', datatype: /** @type {const} */ ('INT32'), shape, data: values(3) },
    ],
  };
}

/** Every datatype that JSON carries, with what is written in another way in Python. @type {Record<string, (string | number | boolean | null)[]>} */
const VALUES = {
  FP32: [0.5, null, -1e30],
  FP64: [0.1, null, 1e300],
  BOOL: [true, false, true],
  BYTES: ['', `O'Hare "N" \\`, 'Zürich 日本'],
  INT8: [-128, 0, 127],
  INT16: [-32_768, 0, 32_767],
  INT32: [-2_147_483_648, 0, 2_147_483_647],
  INT64: [Number.MIN_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER],
  UINT8: [0, 1, 255],
  UINT16: [0, 1, 65_535],
  UINT32: [0, 1, 4_294_967_295],
  UINT64: [0, 1, Number.MAX_SAFE_INTEGER],
};

/** @typedef {import('../../src-renderer/areas/serving/try/request-body.ts').InferBody} InferBody */

/** @type {{name: string, endpoint: string, arm: string | null, body: InferBody}[]} */
const CASES = [
  {
    name: 'plain',
    endpoint: 'simple',
    arm: null,
    body: { ...pair(1), parameters: { lathe_unit: "O'Hare" } },
  },
  { name: 'forced', endpoint: 'simple', arm: 'b', body: pair(2) },
  { name: 'long', endpoint: 'simple', arm: null, body: pair(300) },
  {
    name: 'types',
    endpoint: 'json_types',
    arm: null,
    body: {
      inputs: Object.entries(VALUES).map(([datatype, data]) => ({
        name: `in_${datatype === 'BYTES' ? 'STRING' : datatype}`,
        datatype: /** @type {InferBody['inputs'][number]['datatype']} */ (datatype),
        shape: [1, 3],
        data,
      })),
    },
  },
];

/** A folder for each, with the code and the body that it may read. @param {string} folder @param {string} url */
export function writeSnippets(folder, url) {
  for (const { name, endpoint, arm, body } of CASES) {
    const text = bodyText(body);
    const sent = { endpoint, url: `${url}/v2/models/${endpoint}/infer`, arm, text };
    for (const language of LANGUAGES) {
      const own = path.join(folder, `${name}-${language}`);
      fs.mkdirSync(own, { recursive: true });
      fs.writeFileSync(path.join(own, 'snippet.py'), snippet(language, sent));
      if (isLong(sent)) fs.writeFileSync(path.join(own, BODY_FILE), text);
    }
  }
}
