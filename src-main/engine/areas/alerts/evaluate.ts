/**
 * One pass over the rules of an endpoint: reads their series, judges them, and commits what changed, each thing that a
 * rule watches with its state, its alert, the alert's evidence and the messages about it in one transaction. Between
 * things the thread is let go.
 */
import type { AlertRuleInput } from '../../../contract/alerts.ts';
import { LatheError } from '../../../contract/errors.ts';
import {
  type Series,
  type SeriesQuery,
  type SeriesRef,
  WINDOW_SIZE_MS,
  type WindowSize,
} from '../../../contract/monitoring-series.ts';
import type { AreaContext } from '../../context.ts';
import { inTransaction } from '../../data/database.ts';
import { nextTurn } from '../../turns.ts';
import type { EndpointRecord } from '../serving/index.ts';
import type { AlertRecord, AlertsStore, NewAlert, RuleRecord, SubjectState } from './alerts.store.ts';
import type { Evidence } from './evidence.ts';
import { explain } from './explain.rules.ts';
import { judge, type Verdict, withSilence } from './judge.rules.ts';
import { type Episode, foldWith, type Step, stepsOf } from './machine.rules.ts';
import { alertText, alertTitle, numberText } from './words.rules.ts';

export type EvaluateDeps = {
  series(query: SeriesQuery): Promise<Series>;
  /** Names of the inputs that are watched. */
  inputs(endpoint: string, per: WindowSize, arm: string | null): Promise<string[]>;
  sliceName(endpoint: string, id: string): Promise<string | null>;
};

/** Called in the transaction of what it tells of. */
export type Announce = {
  opened(alert: AlertRecord): void;
  resolved(alert: AlertRecord): void;
};

type Ports = {
  context: Pick<AreaContext, 'db' | 'writes' | 'clock' | 'ids' | 'log'>;
  store: AlertsStore;
  deps: EvaluateDeps;
  evidence: Evidence;
  announce: Announce;
};

/** Windows that are judged again each time: how far back late rows and labels count. */
const LOOK_BACK: Readonly<Record<WindowSize, number>> = { minute: 240, hour: 336, day: 60 };
/** Before an open alert's window there must be room to see it fire again. */
const ROOM = 2;

export function createEvaluate({ context, store, deps, evidence, announce }: Ports) {
  const { clock, db, ids, log, writes } = context;

  /** Series are asked for once a pass. */
  const reading = () => {
    const known = new Map<string, Promise<Series>>();
    return (query: SeriesQuery): Promise<Series> => {
      const key = JSON.stringify(query);
      const found = known.get(key) ?? deps.series(query);
      known.set(key, found);
      return found;
    };
  };

  async function evaluateEndpoint(record: EndpointRecord, rules: readonly RuleRecord[]): Promise<boolean> {
    const read = reading();
    let changed = false;
    for (const rule of rules) {
      await nextTurn();
      changed = (await evaluateRule(record, rule, read)) || changed;
    }
    return (await explainAll(record.id)) || changed;
  }

  async function evaluateRule(
    record: EndpointRecord,
    rule: RuleRecord,
    read: typeof deps.series,
  ): Promise<boolean> {
    const known = new Map(store.states(rule.id).map((state) => [state.subject, state]));
    let changed = false;
    const problems: (string | null)[] = [];
    const failed = async (thrown: unknown, states: readonly SubjectState[]) => {
      // A feature, a slice or a metric that is gone: nothing is known, so nothing fires and nothing resolves.
      problems.push(problemOf(thrown));
      if (!(thrown instanceof LatheError))
        log.warn({ err: thrown, rule: rule.id }, 'a rule could not be judged');
      changed = (await forget(rule, states)) || changed;
    };
    try {
      const subjects = await subjectsOf(record, rule.rule);
      if (subjects.length === 0) problems.push('No input is watched: the served version has no reference.');
      for (const subject of subjects) {
        await nextTurn();
        const state = known.get(subject);
        try {
          const found = await evaluateSubject(record, rule, subject, state, read);
          changed ||= found.changed;
          problems.push(found.problem);
        } catch (thrown) {
          await failed(thrown, state ? [state] : []);
        }
      }
    } catch (thrown) {
      await failed(thrown, [...known.values()]);
    }
    // Of many things that it watches, one that can be judged is enough.
    const problem = problems.includes(null) ? null : (problems[0] ?? null);
    if (problem !== rule.problem) {
      await writes.run(() => store.setProblem(rule.id, rule.epoch, problem));
      changed = true;
    }
    return changed;
  }

  async function subjectsOf(record: EndpointRecord, { series, per, arm }: AlertRuleInput): Promise<string[]> {
    if (!('feature' in series) || series.feature !== '*') return [''];
    return deps.inputs(record.name, per, arm);
  }

  /** What cannot be judged is in no phase; an open alert keeps its own. */
  async function forget(rule: RuleRecord, states: readonly SubjectState[]): Promise<boolean> {
    const stale = states.filter(({ phase }) => phase !== 'no-data' && phase !== 'firing');
    if (stale.length === 0) return false;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const state of stale) store.putState(rule.id, { ...state, phase: 'no-data' }, clock.now());
      }),
    );
    return true;
  }

  async function evaluateSubject(
    record: EndpointRecord,
    rule: RuleRecord,
    subject: string,
    stored: SubjectState | undefined,
    read: typeof deps.series,
  ): Promise<{ changed: boolean; problem: string | null }> {
    const { rule: input } = rule;
    const state = stored?.epoch === rule.epoch ? stored : undefined;
    const open = store.openOf(rule.id, subject);
    const ref = seriesOf(input.series, subject);
    const size = WINDOW_SIZE_MS[input.per];
    const { askFromMs, judgeFromMs } = rangeOf(input, state?.judgedToMs ?? null, open);
    const raw = await read(queryOf(record.name, input, ref, askFromMs));
    // Of an endpoint that is switched off, or logs nothing, silence is no news.
    const heard = record.enabled && record.logging;
    const series = ref.of === 'volume' && heard ? withSilence(raw, clock.now()) : raw;
    const verdicts = judge(series, input).filter(({ windowMs }) => windowMs >= judgeFromMs);
    const length = { forWindows: input.forWindows, keepWindows: input.keepWindows, sizeMs: size };
    const folded = foldWith(verdicts, length, open && asEpisode(open));
    const steps = stepsOf(folded, open, state?.judgedToMs ?? null);
    const judgedToMs = later(state?.judgedToMs ?? null, folded.judgedToMs);
    const phase = verdicts.length === 0 && !open ? 'no-data' : folded.phase;
    const problem = verdicts.length > 0 ? null : whyNothing(series, input);
    if (steps.length === 0 && state?.phase === phase && state.judgedToMs === judgedToMs)
      return { changed: false, problem };
    const opening = await prepare(record, rule, subject, ref, series, steps);
    const next: SubjectState = { subject, epoch: rule.epoch, phase, judgedToMs };
    const done = await writes.run(() =>
      inTransaction(db, () => commit(rule, next, open, steps, opening, series)),
    );
    return { changed: done && (steps.length > 0 || state?.phase !== phase), problem };
  }

  /** The alerts to open, with their evidence, which takes longer than a transaction may. */
  async function prepare(
    record: EndpointRecord,
    rule: RuleRecord,
    subject: string,
    ref: SeriesRef,
    series: Series,
    steps: readonly Step[],
  ): Promise<NewAlert[]> {
    const alerts: NewAlert[] = [];
    for (const step of steps) {
      if (step.do !== 'open') continue;
      const { rule: input } = rule;
      const { firedMs: windowMs, value, limit, n } = step.episode;
      const nowMs = clock.now();
      const found = { value, limit, n, windowMs };
      const slice = input.slice === null ? null : await deps.sliceName(record.name, input.slice);
      alerts.push({
        ...{ id: ids.next(), ruleId: rule.id, epoch: rule.epoch, subject, endpointId: record.id },
        ...{ endpoint: record.name, severity: input.severity, series: ref, per: input.per, arm: input.arm },
        ...{ slice: input.slice, version: series.version, openedMs: nowMs, windowMs, value, limit, n },
        title: alertTitle(input, ref, found, { unit: series.unit, slice }),
        text: alertText(input, found, { unit: series.unit, reference: series.reference, slice }),
        evidence: await evidence({ record, rule: input, ref, series, windowMs, nowMs }),
      });
    }
    return alerts;
  }

  /** False, and nothing is written, when the rule or its alert changed while the evidence was gathered. */
  function commit(
    rule: RuleRecord,
    next: SubjectState,
    open: AlertRecord | null,
    steps: readonly Step[],
    opening: readonly NewAlert[],
    series: Series,
  ): boolean {
    const present = store.rule(rule.id);
    if (!present?.rule.enabled || present.epoch !== rule.epoch) return false;
    if (store.openOf(rule.id, next.subject)?.id !== open?.id) return false;
    const nowMs = clock.now();
    let current = open?.id ?? null;
    const fresh = [...opening];
    for (const step of steps) {
      if (step.do === 'open') {
        const alert = fresh.shift() as NewAlert;
        const { id, again } = store.open(alert);
        current = id;
        store.addHistory(id, nowMs, again ? 'fired again' : 'fired', again ? LATE : alert.text);
        announce.opened(store.find(id) as AlertRecord);
      } else if (current !== null) {
        store.resolve(current, nowMs);
        store.addHistory(current, nowMs, 'resolved', resolvedText(step, series, rule.rule));
        announce.resolved(store.find(current) as AlertRecord);
        current = null;
      }
    }
    store.putState(rule.id, next, nowMs);
    return true;
  }

  /** Which alert explains which, for those that are open on the endpoint. */
  async function explainAll(endpointId: number): Promise<boolean> {
    const open = store.openOn(endpointId);
    const found = explain(open);
    const moved = open.filter(({ id, explainedBy }) => explainedBy !== (found.get(id) ?? null));
    if (moved.length === 0) return false;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const { id } of moved) store.setExplained(id, found.get(id) ?? null);
      }),
    );
    return true;
  }

  /** On what is there, without keeping anything: the breaches that would have been told. */
  async function tryRule(
    record: EndpointRecord,
    input: AlertRuleInput,
  ): Promise<{ windows: number; fired: { windowMs: number; series: SeriesRef; value: number }[] }> {
    const fired: { windowMs: number; series: SeriesRef; value: number }[] = [];
    const windows = new Set<number>();
    for (const subject of await subjectsOf(record, input)) {
      await nextTurn();
      const ref = seriesOf(input.series, subject);
      const raw = await deps.series(queryOf(record.name, input, ref, null));
      const series = ref.of === 'volume' ? withSilence(raw, clock.now()) : raw;
      const verdicts: Verdict[] = judge(series, input);
      for (const { windowMs } of verdicts) windows.add(windowMs);
      const length = { ...input, sizeMs: WINDOW_SIZE_MS[input.per] };
      for (const { firedMs, value } of foldWith(verdicts, length, null).episodes)
        fired.push({ windowMs: firedMs, series: ref, value });
    }
    return { windows: windows.size, fired: fired.toSorted((left, right) => left.windowMs - right.windowMs) };
  }

  return { evaluateEndpoint, tryRule };
}

const LATE = 'Late rows or labels made the same windows pass the limit again.';

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

const seriesOf = (series: SeriesRef, subject: string): SeriesRef =>
  'feature' in series && subject !== '' ? { ...series, feature: subject } : series;

const queryOf = (
  endpoint: string,
  input: AlertRuleInput,
  series: SeriesRef,
  fromMs: number | null,
): SeriesQuery => ({
  ...{ endpoint, series, per: input.per },
  ...(input.arm === null ? {} : { arm: input.arm }),
  ...(input.slice === null ? {} : { slice: input.slice }),
  ...(fromMs === null ? {} : { fromMs }),
});

/**
 * From where windows are judged, and from where they are needed for that. The first time as much as the series gives.
 * An alert that opened near the beginning of the range, or before it, is taken to go on from its window.
 */
function rangeOf(
  input: AlertRuleInput,
  judgedToMs: number | null,
  open: AlertRecord | null,
): { askFromMs: number | null; judgeFromMs: number } {
  if (judgedToMs === null) return { askFromMs: null, judgeFromMs: 0 };
  const { per, condition, forWindows, keepWindows } = input;
  const size = WINDOW_SIZE_MS[per];
  let judgeFromMs = judgedToMs - (LOOK_BACK[per] + forWindows + keepWindows) * size;
  const room = (forWindows + ROOM) * size;
  if (open && open.windowMs < judgeFromMs + room) judgeFromMs = Math.max(judgeFromMs, open.windowMs + size);
  const before =
    condition.kind === 'burn-rate'
      ? condition.longWindows * size
      : condition.kind === 'change' && condition.from !== 'reference'
        ? 8 * 86_400_000
        : 0;
  return { askFromMs: Math.max(0, judgeFromMs - before), judgeFromMs };
}

const asEpisode = ({
  windowMs,
  value,
  limit,
  n,
}: AlertRecord): Omit<Episode, 'firedMs' | 'resolvedMs'> & { windowMs: number } => ({
  ...{ windowMs, value: value ?? 0, limit: limit ?? 0, n },
});

const later = (left: number | null, right: number | null): number | null =>
  left === null ? right : right === null ? left : Math.max(left, right);

const problemOf = (thrown: unknown): string =>
  thrown instanceof LatheError ? thrown.message : 'Its series could not be read; Lathe tries again.';

/** Why no window of a series could be judged. */
function whyNothing(series: Series, { condition, minN }: AlertRuleInput): string {
  const floor = Math.max(minN, series.minN);
  if (condition.kind === 'change' && condition.from === 'reference' && series.reference === null)
    return 'The reference has no value to compare with.';
  const valued = series.points.filter(({ value }) => value !== null && Number.isFinite(value));
  if (valued.length === 0) return 'There is nothing to judge yet.';
  const over = valued.filter(({ complete }) => complete);
  if (over.length === 0) return 'Its first window is not over.';
  const mature = over.filter((point) => point.mature);
  if (mature.length === 0) return 'Too few of the labels have come.';
  const most = Math.max(...mature.map(({ n }) => n));
  if (most < floor) return `Too few rows: at most ${most} in a window, and ${floor} are needed.`;
  if (mature.every(({ level }) => level === 'too-few'))
    return `Its first ${series.span} ${series.per}s are not over.`;
  return 'What it is to be compared with is not there yet.';
}
