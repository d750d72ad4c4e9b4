// Where Lathe answers otherwise than MLflow's own server, on purpose: the steps, and why. A step that differs without
// standing here fails, and so does one that stands here and no longer differs. A star stands for any text.

/** @type {readonly {why: string, at: readonly string[]}[]} */
export const DIFFERENCES = [
  {
    why: 'A request that is not as the API says is refused. MLflow goes on with the half of it that it could read.',
    at: [
      'experiments/search › view unknown',
      'runs › create, start_time 1.5',
      'runs › create, tag key bad',
      'runs › create, tag without key',
      'runs › update, status unknown',
      'runs › update, status lower',
      'metrics › true',
      'metrics › timestamp 1.5',
      'metrics › step 1.5',
      'metrics › step true',
      'metrics › step too big',
      'metrics › history, max_results text',
      'log-batch › metric, value text',
      'inputs and outputs › without *',
      'inputs and outputs › tag without key',
      'inputs and outputs › datasets of the experiment',
      'runs/search › view unknown',
      'logged-models › create, param key bad',
      'logged-models › finalise unknown',
      'logged-models › with its metrics',
      'logged-models › search, another query with that token',
      'wire › two values of one field',
    ],
  },
  {
    why: 'No user’s error is a 5xx, which clients repeat for minutes.',
    at: [
      'experiments › rename a deleted one',
      'metrics › list value',
      'log-batch › metrics of numbers',
      'model-versions › get version by a huge number',
      'model-versions › stage None with archive',
      'logged-models › search ["nobody = \'x\'",[]]',
      'logged-models › search ["metrics.acc > \'x\'",[]]',
      'logged-models › register with an unknown model_id',
      'wire › a list',
      'wire › a number',
    ],
  },
  {
    why: 'The same refusal without the words of a database, or in words that say more.',
    at: [
      'experiments › rename to a taken name',
      'experiments › create while one is in the trash',
      'registered-models › rename to a taken one',
      'model-versions › search, max_results 0',
      'model-versions › source "file:///etc"',
      'model-versions › source "../x"',
      'model-versions › source "a\\u0000b"',
      'model-versions › source "file://localhost/etc"',
      'model-versions › source "FILE:///etc"',
      'model-versions › source "ftp://x/../y"',
      'model-versions › source "C:\\\\x"',
      'logged-models › metric of an unknown model',
      'wire › no JSON',
      'wire › invalid UTF-8',
    ],
  },
  {
    why: 'What is left out has the default that the API’s documentation gives it.',
    at: [
      'experiments/search › without max_results',
      'experiments/search › max_results null',
      'runs › create without experiment',
      'runs › create without a time',
    ],
  },
  {
    why: 'A page of no rows with a token for the next would be asked for without end.',
    at: ['registered-models › search, max_results 0', 'registered-models › search, max_results -1'],
  },
  {
    why: 'The infinities are kept as they are, not as the largest finite numbers.',
    at: ['metrics › all', 'metrics › latest'],
  },
  {
    why: 'run_uuid stands for run_id in every call, not only in some.',
    at: ['log-batch › run by run_uuid alone', 'log-batch › all'],
  },
  {
    why: 'A run of an experiment in the trash would be shown nowhere; it comes back with its experiment.',
    at: ['experiments › restore the run of a deleted one', 'experiments › is its run back'],
  },
  {
    why: 'The limits on values hold however they come.',
    at: [
      'runs › create, tag value long',
      'inputs and outputs › 1001 datasets',
      'logged-models › create, param long',
      'logged-models › create, tag long',
    ],
  },
  {
    why: 'Marks that combine with letters are letters of their scripts; a name does not end in a line break.',
    at: ['keys › * "e\\u0301"', 'keys › * "a\\n"'],
  },
  {
    why: 'The search grammar takes more: spaces around, a sign before a number, <>, keys with signs, any case of a word, more orders.',
    at: [
      "experiments/search › filter [\"tag.set = 'es' and attr.name = 'es a'\",[]]",
      'experiments/search › filter ["tag.set = \'es\'",["attributes.experiment_id ASC"]]',
      'experiments/search › filter ["tag.set = \'es\'",["tags.n"]]',
      'runs/search › filter " "',
      'runs/search › filter "metrics.acc > +0.1"',
      'runs/search › filter "metrics.x/y > 0"',
      'runs/search › filter "metrics.x.y-z > 0"',
      'runs/search › filter "M*.acc > 0.5"',
      'runs/search › filter "metrics.acc <> 0.5"',
      'runs/search › filter "tags.in = \'x\'"',
      'runs/search › filter "metrics.a:b > 0"',
      'runs/search › order [["`Run Name`","run_name"]]',
      'runs/search › order [[" metrics.acc   DESC ","run_name"]]',
      'runs/search › order [["metrics.x/y DESC","run_name"]]',
      'runs/search › experiments no list',
      'runs/search › order no list',
      'registered-models › search ["name LIKE \'rs %\'",["creation_timestamp"]]',
      'registered-models › search ["",["tags.n"]]',
      'logged-models › search ["status = \'LOGGED_MODEL_READY\'",[]]',
      'wire › content type in capitals',
    ],
  },
  {
    why: 'ILIKE knows the cases of all letters, not only of A to Z.',
    at: ['runs/search › filter "tags.kind ILIKE \'GRÖßE%\'"'],
  },
  {
    why: 'A filter that is not whole is a mistake: an AND without a side, conditions without an AND, a quote in a quote.',
    at: [
      'experiments/search › filter ["name LIKE \'es %\' AND",[]]',
      "experiments/search › filter [\"name = 'it''s'\",[]]",
      'runs/search › filter "metrics.acc > 0.1 AND"',
      'runs/search › filter "AND metrics.acc > 0.1"',
      'runs/search › filter "metrics.acc > 0.1 tags.kind = \'even\'"',
      'runs/search › filter "metrics. > 1"',
      'runs/search › filter "tags.`a``b` = \'x\'"',
    ],
  },
  {
    why: 'A call that does not exist is told in MLflow’s JSON form, also when only its verb is wrong.',
    at: [
      'runs/search › by GET',
      'wire › GET where POST is meant',
      'wire › POST where GET is meant',
      'wire › DELETE where POST is meant',
      'wire › trailing slash',
      'wire › an unknown call',
      'artifacts › presigned upload',
    ],
  },
  {
    why: 'The place of artifacts has no query, and no way upwards.',
    at: ['experiments › create, location with way up', 'experiments › create, location with query'],
  },
  {
    why: 'Lathe does not fetch what lies on other servers, so it may be named; a host in mlflow-artifacts:// is not looked at.',
    at: [
      'model-versions › source "mlflow-artifacts://host/*',
      'model-versions › source "http://example.com/a*',
    ],
  },
  {
    why: 'A version keeps the id of its logged model.',
    at: [
      'logged-models › register it',
      'logged-models › register its files',
      'logged-models › the version',
      'logged-models › a copy of the version',
      'logged-models › where the copy lies',
      'logged-models › it knows its versions',
    ],
  },
  {
    why: 'An artifact’s path names one file and nothing else, on every system: no empty parts, dots, control characters, drives or backslashes.',
    at: [
      'artifacts › * "/etc/passwd"',
      'artifacts › * "a%00b"',
      'artifacts › * "%5c..%5cx"',
      'artifacts › * "a%5c..%5cb"',
      'artifacts › * "C:%5cx"',
      'artifacts › * "%2fetc%2fpasswd"',
      'artifacts › * "."',
      'artifacts › * "a/./b"',
      'artifacts › * "a//b"',
      'artifacts › * "%2e/x"',
      'artifacts › * "a\\u0000b"',
      'artifacts › * "a\\\\..\\\\b"',
    ],
  },
  {
    why: 'JSON is JSON. A folder is no file. What was put is found by get-artifact, which MLflow started so does not look in its artifact store.',
    at: [
      'artifacts › get deeper',
      'artifacts › get a folder',
      'artifacts › get-artifact',
      'artifacts › get-artifact by run_uuid',
      'artifacts › ajax get-artifact',
    ],
  },
  {
    why: 'Each server tells what it can do.',
    at: ['wire › server-info'],
  },
];

/**
 * @param {readonly {at: string}[]} found
 * @returns {{unexpected: string[], gone: string[]}} steps that differ and should not; expectations that no longer differ
 */
export function judge(found) {
  const expected = DIFFERENCES.flatMap(({ at }) => at).map((text) => ({
    text,
    pattern: asPattern(text),
    met: false,
  }));
  const unexpected = found
    .map(({ at }) => at)
    .filter((at) => {
      const matching = expected.filter(({ pattern }) => pattern.test(at));
      for (const one of matching) one.met = true;
      return matching.length === 0;
    });
  return { unexpected, gone: expected.filter(({ met }) => !met).map(({ text }) => text) };
}

/** @param {string} text */
const asPattern = (text) =>
  new RegExp(
    `^${text
      .split('*')
      .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
      .join('.*')}$`,
    's',
  );
