/** SQL of rules, of the state of what they watch, and of alerts with their history. */
import type { Alert, AlertEvidence, AlertRuleInput } from '../../../contract/alerts.ts';
import type { SeriesRef } from '../../../contract/monitoring-series.ts';
import type { Database } from '../../data/database.ts';
import type { Phase, ToldSpan } from './machine.rules.ts';

export type RuleRecord = {
  id: string;
  endpointId: number;
  rule: AlertRuleInput;
  preset: string | null;
  problem: string | null;
  epoch: number;
  revision: number;
  createdMs: number;
};

export type StoredPhase = Phase | 'no-data';
export type SubjectState = {
  subject: string;
  epoch: number;
  phase: StoredPhase;
  judgedToMs: number | null;
  /** What it was at first sight. */
  knownMs: number | null;
};

/** An alert as it is inserted. */
export type NewAlert = Omit<
  Alert,
  'state' | 'resolvedMs' | 'was' | 'acknowledged' | 'snoozedUntilMs' | 'explainedBy'
> & {
  epoch: number;
  subject: string;
  endpointId: number;
  evidence: AlertEvidence;
};

export type AlertRecord = Alert & { subject: string; epoch: number; endpointId: number };

/** After the alert with that number, among the open ones or among those that are over. */
export type ListPlace = { over: boolean; seq: number };

type AlertRow = Omit<Alert, 'state' | 'series' | 'was' | 'acknowledged'> & {
  series: string;
  was: number;
  ackMs: number | null;
  ackNote: string | null;
  subject: string;
  epoch: number;
  endpointId: number;
};
type RuleRow = Omit<RuleRecord, 'rule'> & { definition: string };

/** Few are open and many are not: never by way of all of them. */
const OPEN = 'INDEXED BY alert_open';

export type AlertsStore = ReturnType<typeof createAlertsStore>;

export function createAlertsStore(db: Database) {
  const ruleColumns = `id, endpoint_id AS endpointId, definition, preset, problem, epoch, rev AS revision, created_ms AS createdMs
    FROM alert_rule`;
  const rules = db.prepare(`SELECT ${ruleColumns} ORDER BY created_ms, id`);
  const rule = db.prepare(`SELECT ${ruleColumns} WHERE id = ?`);
  const addRule = db.prepare(
    `INSERT INTO alert_rule(id, endpoint_id, definition, preset, problem, epoch, rev, created_ms, updated_ms)
     VALUES (@id, @endpointId, @definition, @preset, NULL, 1, 1, @nowMs, @nowMs)`,
  );
  const setRule = db.prepare(
    `UPDATE alert_rule SET definition = @definition, epoch = epoch + @reset, problem = NULL, rev = rev + 1, updated_ms = @nowMs
     WHERE id = @id AND rev = @revision`,
  );
  const setProblem = db.prepare('UPDATE alert_rule SET problem = ? WHERE id = ? AND epoch = ?');
  const dropRule = db.prepare('DELETE FROM alert_rule WHERE id = ?');
  const addPreset = db.prepare(
    'INSERT INTO alert_preset(endpoint_id, preset, made_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const hasPreset = db.prepare('SELECT 1 FROM alert_preset WHERE endpoint_id = ?').pluck();
  const states = db.prepare(
    'SELECT subject, epoch, phase, judged_to_ms AS judgedToMs, known_ms AS knownMs FROM alert_state WHERE rule_id = ?',
  );
  const putState = db.prepare(
    `INSERT INTO alert_state(rule_id, subject, epoch, phase, judged_to_ms, known_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT(rule_id, subject) DO UPDATE SET epoch = excluded.epoch, phase = excluded.phase,
       judged_to_ms = excluded.judged_to_ms, known_ms = excluded.known_ms, updated_ms = excluded.updated_ms`,
  );
  const dropStates = db.prepare('DELETE FROM alert_state WHERE rule_id = ?');

  const alertColumns = `id, rule_id AS ruleId, epoch, subject, endpoint_id AS endpointId, endpoint, severity, title, text, series, per, arm,
    slice, version, opened_ms AS openedMs, window_ms AS windowMs, resolved_ms AS resolvedMs, was, over_ms AS overMs, value, limit_value AS "limit", n,
    ack_ms AS ackMs, ack_note AS ackNote, snoozed_ms AS snoozedUntilMs, explained_by AS explainedBy FROM alert`;
  const alert = db.prepare(`SELECT ${alertColumns} WHERE id = ?`);
  const openOf = db.prepare(
    `SELECT ${alertColumns} WHERE rule_id = ? AND subject = ? AND resolved_ms IS NULL`,
  );
  const openOfRule = db.prepare(`SELECT ${alertColumns} WHERE rule_id = ? AND resolved_ms IS NULL`);
  const openOn = db.prepare(
    `SELECT ${alertColumns} ${OPEN} WHERE endpoint_id = ? AND resolved_ms IS NULL ORDER BY seq`,
  );
  const list = db.prepare(
    `SELECT seq, ${alertColumns} WHERE (@endpoint IS NULL OR endpoint_id = @endpoint) AND (@all OR resolved_ms IS NULL)
       AND (@seq IS NULL OR (resolved_ms IS NOT NULL) > @over OR ((resolved_ms IS NOT NULL) = @over AND seq < @seq))
     ORDER BY resolved_ms IS NOT NULL, seq DESC LIMIT @limit`,
  );
  const counts = db.prepare(
    `SELECT count(*) AS open, coalesce(sum(ack_ms IS NULL AND coalesce(snoozed_ms, 0) <= @now), 0) AS unacknowledged FROM alert ${OPEN}
     WHERE resolved_ms IS NULL AND (@endpoint IS NULL OR endpoint_id = @endpoint)`,
  );
  const between = db.prepare(
    `SELECT ${alertColumns} WHERE endpoint_id = ? AND opened_ms >= ? AND opened_ms < ? ORDER BY seq DESC LIMIT 200`,
  );
  const insert = db.prepare(
    `INSERT INTO alert(id, rule_id, epoch, subject, endpoint_id, endpoint, severity, title, text, series, per, arm, slice, version,
       opened_ms, window_ms, resolved_ms, was, over_ms, value, limit_value, n, evidence)
     VALUES (@id, @ruleId, @epoch, @subject, @endpointId, @endpoint, @severity, @title, @text, @series, @per, @arm, @slice, @version,
       @openedMs, @windowMs, @resolvedMs, @was, @overMs, @value, @limit, @n, @evidence)`,
  );
  const told = db.prepare(
    `SELECT window_ms AS fromMs, coalesce(over_ms, window_ms) AS toMs FROM alert
     WHERE rule_id = ? AND epoch = ? AND subject = ? AND resolved_ms IS NOT NULL`,
  );
  const sameBreach = db
    .prepare('SELECT id FROM alert WHERE rule_id = ? AND epoch = ? AND subject = ? AND window_ms = ?')
    .pluck();
  const reopen = db.prepare(
    'UPDATE alert SET resolved_ms = NULL, was = 0, over_ms = NULL, noticed = 0 WHERE id = ?',
  );
  const resolve = db.prepare(
    'UPDATE alert SET resolved_ms = max(opened_ms, ?), over_ms = ? WHERE id = ? AND resolved_ms IS NULL',
  );
  const acknowledge = db.prepare('UPDATE alert SET ack_ms = ?, ack_note = ? WHERE id = ?');
  const snooze = db.prepare('UPDATE alert SET snoozed_ms = ? WHERE id = ?');
  const setExplained = db.prepare('UPDATE alert SET explained_by = ? WHERE id = ?');
  const unnoticed = db.prepare(
    `SELECT ${alertColumns} ${OPEN} WHERE noticed = 0 AND resolved_ms IS NULL AND explained_by IS NULL ORDER BY seq`,
  );
  const unnoticedPast = db.prepare(
    `SELECT ${alertColumns} INDEXED BY alert_was WHERE was = 1 AND noticed = 0 AND (? IS NULL OR endpoint_id = ?) ORDER BY seq`,
  );
  const setNoticed = db.prepare('UPDATE alert SET noticed = 1 WHERE id = ?');
  const evidence = db.prepare('SELECT evidence FROM alert WHERE id = ?').pluck();
  const addHistory = db.prepare('INSERT INTO alert_history(alert_id, at_ms, what, note) VALUES (?, ?, ?, ?)');
  const history = db.prepare(
    'SELECT at_ms AS atMs, what, note FROM alert_history WHERE alert_id = ? ORDER BY seq',
  );

  const find = (id: string): AlertRecord | null => toAlert(alert.get(id) as AlertRow | undefined);
  const all = (rows: unknown[]): AlertRecord[] =>
    (rows as AlertRow[]).map((row) => toAlert(row) as AlertRecord);

  return {
    rules: (): RuleRecord[] => (rules.all() as RuleRow[]).map(toRule),
    rule(id: string): RuleRecord | null {
      const row = rule.get(id) as RuleRow | undefined;
      return row ? toRule(row) : null;
    },
    addRule: (
      given: { id: string; endpointId: number; rule: AlertRuleInput; preset: string | null },
      nowMs: number,
    ): void => {
      const { rule: definition, ...rest } = given;
      addRule.run({ ...rest, definition: JSON.stringify(definition), nowMs });
    },
    /** False when the revision is not the present one. `reset`: what is judged is another thing now. */
    setRule: (
      id: string,
      revision: number,
      definition: AlertRuleInput,
      reset: boolean,
      nowMs: number,
    ): boolean =>
      setRule.run({ id, revision, definition: JSON.stringify(definition), reset: +reset, nowMs }).changes > 0,
    setProblem: (id: string, epoch: number, problem: string | null): void =>
      void setProblem.run(problem, id, epoch),
    dropRule(id: string): boolean {
      dropStates.run(id);
      return dropRule.run(id).changes > 0;
    },
    dropStates: (ruleId: string): void => void dropStates.run(ruleId),
    /** False when that preset was made for the endpoint before. */
    addPreset: (endpointId: number, preset: string, nowMs: number): boolean =>
      addPreset.run(endpointId, preset, nowMs).changes > 0,
    hasPresets: (endpointId: number): boolean => hasPreset.get(endpointId) !== undefined,
    states: (ruleId: string): SubjectState[] => states.all(ruleId) as SubjectState[],
    putState: (ruleId: string, state: SubjectState, nowMs: number): void =>
      void putState.run(
        ruleId,
        state.subject,
        state.epoch,
        state.phase,
        state.judgedToMs,
        state.knownMs,
        nowMs,
      ),

    find,
    openOf: (ruleId: string, subject: string): AlertRecord | null =>
      toAlert(openOf.get(ruleId, subject) as AlertRow | undefined),
    openOfRule: (ruleId: string): AlertRecord[] => all(openOfRule.all(ruleId)),
    openOn: (endpointId: number): AlertRecord[] => all(openOn.all(endpointId)),
    /** Those after a place in the list, and the place of the next ones; null when there are none. */
    list(
      endpointId: number | null,
      everything: boolean,
      limit: number,
      after: ListPlace | null,
    ): { alerts: AlertRecord[]; next: ListPlace | null } {
      const { over = false, seq = null } = after ?? {};
      const params = { endpoint: endpointId, all: +everything, limit: limit + 1, over: +over, seq };
      const rows = list.all(params) as (AlertRow & { seq: number })[];
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const alerts = all(rows.slice(0, limit).map(({ seq: _seq, ...row }) => row));
      return { alerts, next: last ? { over: last.resolvedMs !== null, seq: last.seq } : null };
    },
    /** What waits for someone: neither acknowledged nor put off. */
    counts: (endpointId: number | null, nowMs: number): { open: number; unacknowledged: number } =>
      counts.get({ endpoint: endpointId, now: nowMs }) as { open: number; unacknowledged: number },
    between: (endpointId: number, fromMs: number, toMs: number): AlertRecord[] =>
      all(between.all(endpointId, fromMs, toMs)),
    /** Its id: of an alert that told of this very breach before, and is open again, that one's. */
    open(given: NewAlert): { id: string; again: boolean } {
      const known = sameBreach.get(given.ruleId, given.epoch, given.subject, given.windowMs) as
        | string
        | undefined;
      if (known !== undefined) {
        reopen.run(known);
        return { id: known, again: true };
      }
      insert.run({ ...rowOf(given), resolvedMs: null, was: 0 });
      return { id: given.id, again: false };
    },
    /** One that is over already. */
    record: (given: NewAlert): void =>
      void insert.run({ ...rowOf(given), resolvedMs: given.openedMs, was: 1 }),
    /** Breaches that were told and are over. */
    told: (ruleId: string, epoch: number, subject: string): ToldSpan[] =>
      told.all(ruleId, epoch, subject) as ToldSpan[],
    /** `overMs`: the window that ended it, if one did. */
    resolve: (id: string, nowMs: number, overMs: number | null): void => void resolve.run(nowMs, overMs, id),
    acknowledge: (id: string, nowMs: number, note: string): void => void acknowledge.run(nowMs, note, id),
    unacknowledge: (id: string): void => void acknowledge.run(null, null, id),
    snooze: (id: string, untilMs: number): void => void snooze.run(untilMs, id),
    setExplained: (id: string, by: string | null): void => void setExplained.run(by, id),
    /** Explained by nothing and not yet shown to anyone: open ones, and those that were over before they were seen. */
    unnoticed: (): AlertRecord[] => [...all(unnoticedPast.all(null, null)), ...all(unnoticed.all())],
    unnoticedPast: (endpointId: number): AlertRecord[] => all(unnoticedPast.all(endpointId, endpointId)),
    setNoticed: (id: string): void => void setNoticed.run(id),
    evidence(id: string): AlertEvidence | null {
      const text = evidence.get(id) as string | undefined;
      return text === undefined ? null : (JSON.parse(text) as AlertEvidence);
    },
    addHistory: (alertId: string, atMs: number, what: string, note: string): void =>
      void addHistory.run(alertId, atMs, what, note),
    history: (alertId: string) => history.all(alertId) as { atMs: number; what: string; note: string }[],
  };
}

const rowOf = (given: NewAlert) => ({
  ...given,
  series: JSON.stringify(given.series),
  evidence: JSON.stringify(given.evidence),
});

const toRule = ({ definition, ...row }: RuleRow): RuleRecord => ({
  ...row,
  rule: JSON.parse(definition) as AlertRuleInput,
});

function toAlert(row: AlertRow | undefined): AlertRecord | null {
  if (!row) return null;
  const { series, was, ackMs, ackNote, ...rest } = row;
  return {
    ...rest,
    series: JSON.parse(series) as SeriesRef,
    was: was === 1,
    state: rest.resolvedMs === null ? 'firing' : 'resolved',
    acknowledged: ackMs === null ? null : { atMs: ackMs, note: ackNote ?? '' },
  };
}

/** As the contract has it. */
export const alertView = ({
  subject: _subject,
  epoch: _epoch,
  endpointId: _id,
  ...alert
}: AlertRecord): Alert => alert;
