// Reads cases/*.tsv: what is asked of both servers. Columns: label, request, body (query of a GET), more.
//
//   # NAME                 a scenario begins; ids kept in it are its own
//   label ⇥ POST path ⇥ {…} ⇥ {"keep":{"run":"run.info.run_id"}}
//   * label ⇥ POST path ⇥ {"filter":"%0","order_by":"%1"} ⇥ {…}    patterns for the lines that begin with a dash,
//   - ["a = 1",["b"]]      which are the values for the places of each
//
// In a body {"repeat":3,"of":…} is a list of three, in which "#" is the number of each; "x*501" in double brackets
// is 501 times x; {"raw":"…"} and {"hex":"…"} are sent as they are. More: keep, view, anyMessage, headers.

import fs from 'node:fs';
import path from 'node:path';
import { views } from './views.mjs';

/** @typedef {import('./harness.mjs').Step} Step */
/** @typedef {import('./harness.mjs').Scenario} Scenario */

const FOLDER = path.join(import.meta.dirname, 'cases');

/** @returns {Scenario[]} */
export function readCases() {
  const files = fs.readdirSync(FOLDER).sort();
  return files.flatMap((file) => {
    try {
      return parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));
    } catch (thrown) {
      throw new Error(`${file}: ${thrown}`, { cause: thrown });
    }
  });
}

/** @param {string} text */
function parse(text) {
  /** @type {{name: string, steps: Step[]}[]} */
  const found = [];
  /** @type {string[]} */
  let patterns = [];
  let before = '';
  for (const [index, line] of text.split('\n').entries()) {
    try {
      if (line === '') continue;
      if (line.startsWith('# ')) found.push({ name: line.slice(2), steps: [] });
      else if (line.startsWith('* '))
        patterns = [...(before.startsWith('* ') ? patterns : []), line.slice(2)];
      else if (line.startsWith('- '))
        found.at(-1)?.steps.push(...patterns.map((one) => stepOf(withValues(one, line.slice(2)))));
      else found.at(-1)?.steps.push(stepOf(line));
      before = line;
    } catch (thrown) {
      throw new Error(`line ${index + 1}: ${thrown}`, { cause: thrown });
    }
  }
  return found;
}

/** @param {string} pattern @param {string} json */
function withValues(pattern, json) {
  const given = JSON.parse(json);
  const values = Array.isArray(given) ? given : [given];
  const [label, ...rest] = pattern.split('\t');
  const filled = values.reduce(
    (text, value, at) =>
      text.replaceAll(`"%${at}"`, () => JSON.stringify(value)).replaceAll(`%${at}`, () => String(value)),
    rest.join('\t'),
  );
  return `${label} ${short(json)}\t${filled}`;
}

/** @param {string} text */
const short = (text) => (text.length > 120 ? `${text.slice(0, 120)}…` : text);

/** @param {string} line @returns {Step} */
function stepOf(line) {
  const [label = '', request = '', given = '', more = ''] = line.split('\t');
  const [, method = '', where = ''] = /^(\w+) (.*)$/.exec(request) ?? [];
  if (!method) throw new Error(`no request in ${JSON.stringify(line.slice(0, 80))}`);
  const { view, ...rest } = more ? JSON.parse(more) : {};
  if (view && !(view in views)) throw new Error(`there is no view ${view}`);
  const body = given ? expanded(JSON.parse(given)) : undefined;
  return {
    label: label || request,
    method,
    path: method === 'GET' ? withQuery(where, body ?? {}) : where,
    body: method === 'GET' ? undefined : bodyOf(body ?? {}),
    ...(view ? { view: views[/** @type {keyof typeof views} */ (view)] } : {}),
    ...rest,
  };
}

/** @param {any} body */
function bodyOf(body) {
  if (typeof body?.raw === 'string') return body.raw;
  return typeof body?.hex === 'string' ? Buffer.from(body.hex, 'hex') : body;
}

/** @param {any} value @param {number} [at] @returns {any} */
function expanded(value, at) {
  if (typeof value === 'string') {
    if (value === '#' && at !== undefined) return at;
    const long = value.replace(/\[\[(.+?)\*(\d+)\]\]/gu, (_, text, times) => text.repeat(Number(times)));
    return at === undefined ? long : long.replaceAll('#', String(at));
  }
  if (Array.isArray(value)) return value.map((one) => expanded(one, at));
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.repeat === 'number')
    return Array.from({ length: value.repeat }, (_, index) => expanded(value.of, index));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, expanded(one, at)]));
}

/** `$name` stands for what was kept, so the sign stays. @param {string} where @param {Record<string, unknown>} query */
function withQuery(where, query) {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${key}=${escaped(String(one))}`),
  );
  return pairs.length > 0 ? `${where}${where.includes('?') ? '&' : '?'}${pairs.join('&')}` : where;
}

/** @param {string} text */
const escaped = (text) => encodeURIComponent(text.toWellFormed()).replaceAll('%24', '$');
