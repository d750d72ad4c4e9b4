/** For tests only: an engine that is killed inside the transaction, after the rewards and some of the sums. */
import { inTransaction, openDatabase } from '../../data/database.ts';
import { databaseFile } from '../../data/inspect.ts';
import type { LabelTarget } from '../monitoring/index.ts';
import { createAbTestsStore } from './ab-tests.store.ts';
import { createCounting } from './counting.ts';
import { createFeedbackDesk } from './feedback.ts';
import type { Test } from './tests.rules.ts';

const [root = '', tests = '[]', items = '[]', dieAfter = '0'] = process.argv.slice(2);
const db = openDatabase(databaseFile(root));
const target = db.prepare(
  `SELECT seq, id, endpoint_id AS endpointId, arm, CAST(version AS TEXT) AS version, unit, event_ms AS eventMs,
     received_ms AS receivedMs, label, score, truth, truth_ms AS truthMs, revision, input_unit AS inputUnit, apart FROM prediction WHERE id = ?`,
);
const store = createAbTestsStore(db);
const none = () => {
  throw new Error('no item here has a label');
};
let sums = 0;
const dying: typeof store = {
  ...store,
  addSum(key, sum) {
    store.addSum(key, sum);
    sums += 1;
    if (sums === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  },
};
const now = () => Date.UTC(2026, 0, 5, 12);
const desk = createFeedbackDesk({
  store: dying,
  monitoring: {
    find: (id) => (target.get(id) as LabelTarget | undefined) ?? null,
    labelNow: none,
    labelWaited: none,
    labelProblem: () => null,
    endpoint: none,
  },
  counting: createCounting(dying, () => JSON.parse(tests) as Test[], now),
});
inTransaction(db, () => desk.take(JSON.parse(items), now()));
