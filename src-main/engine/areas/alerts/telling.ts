/** Writes what a look at one thing changed: its state, its alerts with their evidence and history, and the messages. */
import type { AlertRuleInput } from '../../../contract/alerts.ts';
import type { Series, SeriesRef } from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { AlertRecord, AlertsStore, NewAlert, RuleRecord, SubjectState } from './alerts.store.ts';
import type { Evidence } from './evidence.ts';
import type { Step } from './machine.rules.ts';
import { alertText, alertTitle, numberText } from './words.rules.ts';

/** Called in the transaction of what it tells of. */
export type Announce = {
  opened(alert: AlertRecord): void;
  resolved(alert: AlertRecord): void;
  /** It was over before it was seen. */
  past(alert: AlertRecord): void;
  /** Another alert explains such a one: nobody is to be told of it. */
  silenced(alert: AlertRecord): void;
};

/** One thing that a rule watches, as it was found. */
export type Look = {
  record: EndpointRecord;
  rule: RuleRecord;
  subject: string;
  /** With the subject in it. */
  ref: SeriesRef;
  series: Series;
  open: AlertRecord | null;
};

type Ports = {
  context: Pick<AreaContext, 'db' | 'writes' | 'clock' | 'ids'>;
  store: AlertsStore;
  evidence: Evidence;
  announce: Announce;
  sliceName(endpoint: string, id: string): Promise<string | null>;
};

export function createTelling({ context, store, evidence, announce, sliceName }: Ports) {
  const { clock, db, ids, writes } = context;

  /** What is to be inserted, with its evidence, which takes longer than a transaction may. */
  async function prepare(look: Look, steps: readonly Step[]): Promise<NewAlert[]> {
    const { record, rule, subject, ref, series } = look;
    const { rule: input } = rule;
    const alerts: NewAlert[] = [];
    for (const step of steps) {
      if (step.do === 'resolve') continue;
      const { firedMs: windowMs, value, limit, n } = step.episode;
      const nowMs = clock.now();
      const overMs = step.do === 'was' ? step.episode.resolvedMs : null;
      const found = { value, limit, n, windowMs, overMs };
      const slice = input.slice === null ? null : await sliceName(record.name, input.slice);
      alerts.push({
        ...{ id: ids.next(), ruleId: rule.id, epoch: rule.epoch, subject, endpointId: record.id },
        ...{ endpoint: record.name, severity: input.severity, series: ref, per: input.per, arm: input.arm },
        ...{ slice: input.slice, version: series.version, openedMs: nowMs, windowMs, overMs },
        ...{ value, limit, n },
        title: alertTitle(input, ref, found, { unit: series.unit, slice }),
        text: alertText(input, found, { unit: series.unit, reference: series.reference, slice }),
        evidence: await evidence({ record, rule: input, ref, series, windowMs, nowMs }),
      });
    }
    return alerts;
  }

  /** False, and nothing is written, when the rule or its alert changed while the evidence was gathered. */
  function commit(
    { rule, subject, series, open }: Look,
    steps: readonly Step[],
    fresh: NewAlert[],
    next: SubjectState,
  ): boolean {
    const present = store.rule(rule.id);
    if (!present?.rule.enabled || present.epoch !== rule.epoch) return false;
    if (store.openOf(rule.id, subject)?.id !== open?.id) return false;
    const nowMs = clock.now();
    let current = open?.id ?? null;
    for (const step of steps) {
      if (step.do === 'open') {
        const alert = fresh.shift() as NewAlert;
        const { id, again } = store.open(alert);
        current = id;
        store.addHistory(id, nowMs, again ? 'fired again' : 'fired', again ? LATE : alert.text);
        announce.opened(store.find(id) as AlertRecord);
      } else if (step.do === 'was') {
        const alert = fresh.shift() as NewAlert;
        store.record(alert);
        store.addHistory(alert.id, nowMs, 'was', step.late ? `${alert.text} ${LATE_PAST}` : alert.text);
        announce.past(store.find(alert.id) as AlertRecord);
      } else if (current !== null) {
        store.resolve(current, nowMs, step.late ? null : step.windowMs);
        store.addHistory(current, nowMs, 'resolved', resolvedText(step, series, rule.rule));
        announce.resolved(store.find(current) as AlertRecord);
        current = null;
      }
    }
    store.putState(rule.id, next, nowMs);
    return true;
  }

  /** False when what was looked at is another thing by now. */
  return async (look: Look, steps: readonly Step[], next: SubjectState): Promise<boolean> => {
    const fresh = await prepare(look, steps);
    return writes.run(() => inTransaction(db, () => commit(look, steps, [...fresh], next)));
  };
}

export type Tell = ReturnType<typeof createTelling>;

const LATE = 'Late rows or labels made the same windows pass the limit again.';
const LATE_PAST = 'Late rows or labels made these windows pass it.';

function resolvedText(
  step: Extract<Step, { do: 'resolve' }>,
  series: Series,
  { per }: AlertRuleInput,
): string {
  if (step.late)
    return 'Late rows or labels changed the windows that made it fire: they do not pass the limit any more.';
  const value = series.points.find(({ windowMs }) => windowMs === step.windowMs)?.value ?? null;
  const now = value === null ? '' : `: ${numberText(value, series.unit)}`;
  return `Back on the good side in the ${per} of ${new Date(step.windowMs).toISOString().slice(0, 16).replace('T', ' ')} UTC${now}.`;
}
