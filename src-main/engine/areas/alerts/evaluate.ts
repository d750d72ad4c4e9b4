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
import type { AlertRecord, AlertsStore, RuleRecord, SubjectState } from './alerts.store.ts';
import { problemOf, queryOf, rangeOf, seriesOf, whyNothing } from './asking.rules.ts';
import { explain } from './explain.rules.ts';
import { judge, type Verdict, withSilence } from './judge.rules.ts';
import { type Episode, foldWith, isPastNews, stepsOf } from './machine.rules.ts';
import type { Announce, Tell } from './telling.ts';

export type EvaluateDeps = {
  series(query: SeriesQuery): Promise<Series>;
  /** Names of the inputs that are watched. */
  inputs(endpoint: string, per: WindowSize, arm: string | null): Promise<string[]>;
};

type Ports = {
  context: Pick<AreaContext, 'db' | 'writes' | 'clock' | 'log'>;
  store: AlertsStore;
  deps: EvaluateDeps;
  tell: Tell;
  announce: Pick<Announce, 'silenced'>;
};

export function createEvaluate({ context, store, deps, tell, announce }: Ports) {
  const { clock, db, log, writes } = context;

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
    const knownMs = state?.knownMs ?? null;
    const told = folded.episodes.some((episode) => isPastNews(episode, knownMs))
      ? store.told(rule.id, rule.epoch, subject)
      : [];
    const steps = stepsOf(folded, open, { judgedToMs: state?.judgedToMs ?? null, knownMs, told });
    const judgedToMs = later(state?.judgedToMs ?? null, folded.judgedToMs);
    const phase = verdicts.length === 0 && !open ? 'no-data' : folded.phase;
    const problem = verdicts.length > 0 ? null : whyNothing(series, input);
    if (steps.length === 0 && state?.phase === phase && state.judgedToMs === judgedToMs)
      return { changed: false, problem };
    const next: SubjectState = {
      subject,
      epoch: rule.epoch,
      phase,
      judgedToMs,
      knownMs: knownMs ?? judgedToMs,
    };
    const done = await tell({ record, rule, subject, ref, series, open }, steps, next);
    return { changed: done && (steps.length > 0 || state?.phase !== phase), problem };
  }

  /** Which alert explains which, for those that are open on the endpoint and those that were over before they were seen. */
  async function explainAll(endpointId: number): Promise<boolean> {
    const alerts = [...store.openOn(endpointId), ...store.unnoticedPast(endpointId)];
    const found = explain(alerts);
    const moved = alerts.filter(({ id, explainedBy }) => explainedBy !== (found.get(id) ?? null));
    if (moved.length === 0) return false;
    await writes.run(() =>
      inTransaction(db, () => {
        for (const alert of moved) {
          store.setExplained(alert.id, found.get(alert.id) ?? null);
          if (alert.was) announce.silenced(alert);
        }
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
