// Sends the same requests to two servers and tells where their answers differ. What each server makes up by itself
// (ids, times) is kept under a name and compared by that name.

import http from 'node:http';

/**
 * @typedef {object} Step
 * @property {string} label
 * @property {string} method
 * @property {string} path below /api/2.0/mlflow/, or whole when it starts with a slash
 * @property {unknown} [body] sent as JSON; a string or bytes are sent as they are
 * @property {Record<string, string>} [headers]
 * @property {Record<string, string>} [keep] name → where in the answer its value is, such as run.info.run_id
 * @property {boolean} [anyMessage] of an error only status and code are compared
 * @property {(answer: any) => unknown} [view] what of the body is compared
 */
/** @typedef {{name: string, steps: readonly Step[]}} Scenario */
/** @typedef {{status: number, type: string, body: any, text: string}} Answer */
/** @typedef {{at: string, lathe: string, mlflow: string}} Difference */

/**
 * @param {readonly Scenario[]} scenarios
 * @param {{lathe: string, mlflow: string}} servers
 * @returns {Promise<{steps: number, differences: Difference[]}>}
 */
export async function compare(scenarios, servers) {
  const agent = new http.Agent({ keepAlive: true });
  /** @type {Difference[]} */
  const differences = [];
  let steps = 0;
  for (const { name, steps: given } of scenarios) {
    const sides = [servers.lathe, servers.mlflow].map((base) => ({ base, kept: new Map() }));
    const seen = new Set();
    for (const [index, step] of given.entries()) {
      steps += 1;
      const label = step.label || `${step.method} ${step.path.split('?')[0]}`;
      const at = `${name} › ${seen.has(label) ? `${label} #${index}` : label}`;
      seen.add(label);
      const [lathe, mlflow] = await Promise.all(sides.map((side) => ask(agent, side.base, step, side.kept)));
      for (const [side, answer] of [
        [sides[0], lathe],
        [sides[1], mlflow],
      ])
        for (const [key, where] of Object.entries(step.keep ?? {}))
          side.kept.set(
            key,
            where.split('.').reduce((value, part) => value?.[part], answer.body) ?? `no ${key}`,
          );
      const shown = [lathe, mlflow].map((answer, side) => normal(answer, step, sides[side].kept));
      if (shown[0] !== shown[1]) differences.push({ at, lathe: shown[0], mlflow: shown[1] });
    }
  }
  agent.destroy();
  return { steps, differences };
}

/** @param {http.Agent} agent @param {string} base @param {Step} step @param {Map<string, unknown>} kept @returns {Promise<Answer>} */
function ask(agent, base, step, kept) {
  const target = new URL(base);
  const path = filled(step.path, kept);
  const raw = typeof step.body === 'string' || step.body instanceof Uint8Array;
  const body =
    step.body === undefined
      ? null
      : step.body instanceof Uint8Array
        ? step.body
        : filled(raw ? /** @type {string} */ (step.body) : JSON.stringify(step.body), kept);
  const bytes = body === null ? null : Buffer.from(/** @type {string} */ (body));
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        agent,
        host: target.hostname,
        port: target.port,
        method: step.method,
        path: path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`,
        headers: {
          ...(bytes ? { 'content-type': 'application/json', 'content-length': bytes.length } : {}),
          ...step.headers,
        },
        timeout: 20_000,
      },
      (response) => {
        /** @type {Buffer[]} */
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          const type = String(response.headers['content-type'] ?? '').split(';')[0];
          let parsed = null;
          try {
            parsed = JSON.parse(text);
          } catch {
            // Compared as text.
          }
          resolve({ status: response.statusCode ?? 0, type, body: parsed, text });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer to ${step.method} ${path}`)));
    request.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      // A server may close a connection that waits; the next request on it is then sent again on a new one.
      if (request.reusedSocket && error.code === 'ECONNRESET')
        ask(agent, base, step, kept).then(resolve, reject);
      else resolve({ status: 0, type: '', body: null, text: String(error) });
    });
    request.end(bytes ?? undefined);
  });
}

/** @param {string} text @param {Map<string, unknown>} kept */
const filled = (text, kept) =>
  text.replace(/\$([a-z]\w*)/g, (whole, key) => (kept.has(key) ? String(kept.get(key)) : whole));

/** The answer as text in which only what is said counts. @param {Answer} answer @param {Step} step @param {Map<string, unknown>} kept */
function normal(answer, step, kept) {
  if (answer.status >= 400 || answer.status === 0) {
    const code = answer.body?.error_code ?? null;
    const message = step.anyMessage ? null : said(answer.body?.message ?? answer.text.slice(0, 300));
    return named(JSON.stringify({ status: answer.status, code, message }), kept);
  }
  const body = step.view ? step.view(answer.body ?? answer.text) : (answer.body ?? answer.text);
  const type = step.view ? {} : { type: answer.type };
  return named(JSON.stringify({ status: answer.status, ...type, body: tidy(body) }), kept);
}

/** What the database said, which MLflow's server appends, is none of the API. @param {string} message */
const said = (message) => short(message.split(/ Error: \(sqlite3|\(Background on this error/)[0] ?? '');

/** @param {string} text */
const short = (text) => text.replace(/(.)\1{40,}/gsu, (run, sign) => `${sign}×${run.length}`);

/**
 * Kept values by their names, the longest first: one may be a part of another. A number stands for an experiment
 * only where an experiment stands.
 * @param {string} text @param {Map<string, unknown>} kept
 */
function named(text, kept) {
  const values = [...kept].map(([key, value]) => [key, String(value)]);
  values.sort(([, a = ''], [, b = '']) => b.length - a.length);
  return values.reduce((shown, [key = '', value = '']) => {
    if (value.length >= 8) return shown.replaceAll(value, `<${key}>`);
    return shown.replace(EXPERIMENTS, (whole, before, id) => (id === value ? `${before}<${key}>` : whole));
  }, text);
}
const EXPERIMENTS =
  /("experiment_id":"|mlflow-artifacts:\/|experiment with id |Experiment with id=|The experiment )(\d+)\b/g;

const TIMES = /^(creation_time|last_update_time|creation_timestamp|last_updated_timestamp)(_ms)?$/;

/**
 * An unset field may be left out, null or empty: clients do not tell them apart. Lists of things with a key
 * are sets; where order counts a step's view says so.
 * @param {any} value @param {string} [name] @returns {any}
 */
function tidy(value, name = '') {
  if (TIMES.test(name) && typeof value === 'number') return value > 1e12 ? '<time>' : value;
  if (Array.isArray(value)) {
    const items = value.map((item) => tidy(item));
    return items.every((item) => typeof item?.key === 'string')
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value === 'string') return short(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => /** @type {const} */ ([key, tidy(item, key)]))
    .filter(([key, item]) => !isUnset(item) && !(key === 'workspace' && item === 'default'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}

/** @param {any} value */
const isUnset = (value) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);
