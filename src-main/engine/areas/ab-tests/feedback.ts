/**
 * Feedback: rewards and labels joined to logged predictions, exactly once. An item that says what is known changes
 * nothing but its time, where it names a later one. One that contradicts it takes its place only if it names a later
 * time, so that messages that are sent again, or arrive in another order, end the same; else it is a conflict. An item
 * holds together: if its reward or its label contradicts, neither is taken. What names a prediction that is not logged
 * yet waits for it.
 */
import type { Feedback, FeedbackResult } from '../../../contract/ab-tests.ts';
import { LatheError } from '../../../contract/errors.ts';
import { predictionId, requestKey } from '../../../platform/prediction-id.ts';
import type { LabelTarget, MonitoringService } from '../monitoring/index.ts';
import type { AbTestsStore, Pending } from './ab-tests.store.ts';
import type { Counting, Rewarded } from './counting.ts';

/** Items that may wait for their predictions, and for how long. */
export const MOST_PENDING = 100_000;
export const PENDING_MS = 86_400_000;

type Ports = {
  store: AbTestsStore;
  monitoring: Pick<MonitoringService, 'find' | 'labelNow' | 'labelWaited' | 'labelProblem' | 'endpoint'>;
  counting: Pick<Counting, 'rewarded'>;
  mostPending?: number;
};

/** What is known of one thing, and what an item says of it. */
type Claim<T> = { value: T; atMs: number; dated: boolean };
type Known<T> = { value: T; atMs: number };
/** What one call changes, counted together at its end. */
type Turn = { nowMs: number; rewarded: Rewarded[] };
/** `confirms`: it says what is known, of a later time. */
type Outcome = 'none' | 'new' | 'duplicate' | 'confirms' | 'replaces' | 'conflict';

export function createFeedbackDesk({ store, monitoring, counting, mostPending = MOST_PENDING }: Ports) {
  function setReward(target: LabelTarget, claim: Known<number>, before: number | null, turn: Turn): void {
    store.addReward({
      predictionId: target.id,
      endpointId: target.endpointId,
      reward: claim.value,
      atMs: claim.atMs,
      receivedMs: turn.nowMs,
      replaced: before,
    });
    turn.rewarded.push({ target, before, after: claim.value });
  }

  function join(target: LabelTarget, item: Feedback, turn: Turn): FeedbackResult {
    const { nowMs } = turn;
    const reward = claimOf(item.reward, item.atMs, nowMs);
    const label = claimOf(item.label, item.atMs, nowMs);
    const present = reward && store.reward(target.id);
    const known = present && { value: present.reward, atMs: present.atMs };
    const truth = target.truth === null ? null : { value: target.truth, atMs: target.truthMs ?? 0 };
    const outcomes = [judge(reward, known), judge(label, truth)];
    if (outcomes.includes('conflict')) return plain('conflict');
    const reason = label && monitoring.labelProblem(target, label.value);
    if (reason !== null) return refused(new LatheError('LATHE_LABELS_NOT_OF_TASK', { reason }));
    if (reward && changes(outcomes[0])) setReward(target, reward, known?.value ?? null, turn);
    if (reward && outcomes[0] === 'confirms') store.confirmReward(target.id, reward.atMs);
    if (label && tells(outcomes[1])) monitoring.labelNow({ predictionId: target.id, ...toLabel(label) });
    return plain(outcomes.some(changes) ? 'joined' : 'duplicate');
  }

  function wait(id: string, item: Feedback, nowMs: number): FeedbackResult {
    const present = store.pending(id);
    if (!present && store.pendingCount() >= mostPending)
      return refused(
        new LatheError('LATHE_AB_TESTS_PENDING_FULL', { id: id.slice(0, 64), most: mostPending }),
      );
    const next: Pending = present ?? {
      ...{ predictionId: id, reward: null, rewardMs: null, label: null, labelMs: null },
      receivedMs: nowMs,
    };
    const reward = claimOf(item.reward, item.atMs, nowMs);
    const label = claimOf(item.label, item.atMs, nowMs);
    const outcomes = [
      judge(reward, knownOf(next.reward, next.rewardMs)),
      judge(label, knownOf(next.label, next.labelMs)),
    ];
    if (outcomes.includes('conflict')) return plain('conflict');
    if (outcomes.some(tells))
      store.putPending({
        ...next,
        ...(reward && tells(outcomes[0]) ? { reward: reward.value, rewardMs: reward.atMs } : {}),
        ...(label && tells(outcomes[1]) ? { label: label.value, labelMs: label.atMs } : {}),
      });
    return plain(outcomes.some(changes) ? 'pending' : 'duplicate');
  }

  /** A label that names no prediction, but an entity and a time. It does not wait: any earlier prediction would do. */
  function joinEntity({ entity = '', endpoint = '', atMs = 0, withinMs = 0, label = '' }: Feedback) {
    try {
      const { id: endpointId } = monitoring.endpoint(endpoint);
      const place = { endpointId, entity, atMs, withinMs };
      const result = monitoring.labelNow({ ...place, ...toLabel({ value: label, atMs }) });
      const [not] = result.refused;
      if (not) return refused(new LatheError('LATHE_LABELS_NOT_OF_TASK', { reason: not.reason }));
      if (result.unknown.length > 0) return refused(new LatheError('LATHE_LABELS_NO_PREDICTION', { entity }));
      return plain(result.joined > 0 ? 'joined' : result.stale > 0 ? 'conflict' : 'duplicate');
    } catch (thrown) {
      if (thrown instanceof LatheError) return refused(thrown);
      throw thrown;
    }
  }

  function takeOne(item: Feedback, turn: Turn): FeedbackResult {
    if (item.entity !== undefined) return joinEntity(item);
    const id = idOf(item);
    const target = monitoring.find(id);
    if (target) return join(target, item, turn);
    if (item.row === undefined && item.requestId !== undefined && monitoring.find(predictionId(id, 0)))
      return refused(new LatheError('LATHE_AB_TESTS_ROW', { id: id.slice(0, 64) }));
    return wait(id, item, turn.nowMs);
  }

  return {
    /** Call in a transaction: what it returns is true once that is committed. */
    take(items: readonly Feedback[], nowMs: number): FeedbackResult[] {
      const turn: Turn = { nowMs, rewarded: [] };
      const results = items.map((item) => takeOne(item, turn));
      counting.rewarded(turn.rewarded);
      return results;
    },
    /** Joins what waited for predictions that were logged now; call in their transaction. */
    logged(ids: Iterable<string>, nowMs: number): void {
      if (store.pendingCount() === 0) return;
      const turn: Turn = { nowMs, rewarded: [] };
      for (const id of ids) {
        const waited = store.pending(id);
        if (!waited) continue;
        store.dropPending(id);
        const target = monitoring.find(id);
        if (!target) continue;
        const reward = knownOf(waited.reward, waited.rewardMs);
        const label = knownOf(waited.label, waited.labelMs);
        if (reward && store.reward(id) === null) setReward(target, reward, null, turn);
        if (label) monitoring.labelWaited({ predictionId: id, ...toLabel(label) });
      }
      counting.rewarded(turn.rewarded);
    },
  };
}

const toLabel = ({ value, atMs }: Known<string>) => ({ label: value, labelledMs: atMs, source: 'feedback' });

const idOf = ({ requestId, row, predictionId: id }: Feedback): string =>
  id ?? predictionId(requestKey(requestId as string), row ?? null);

const claimOf = <T>(value: T | undefined, atMs: number | undefined, nowMs: number): Claim<T> | null =>
  value === undefined ? null : { value, atMs: atMs ?? nowMs, dated: atMs !== undefined };

const knownOf = <T>(value: T | null, atMs: number | null): Known<T> | null =>
  value === null ? null : { value, atMs: atMs ?? 0 };

function judge<T>(claim: Claim<T> | null, known: Known<T> | null): Outcome {
  if (!claim) return 'none';
  if (!known) return 'new';
  const later = claim.dated && claim.atMs > known.atMs;
  if (claim.value === known.value) return later ? 'confirms' : 'duplicate';
  return later ? 'replaces' : 'conflict';
}

const changes = (outcome: Outcome | undefined): boolean => outcome === 'new' || outcome === 'replaces';
/** Those that there is something to write down of. */
const tells = (outcome: Outcome | undefined): boolean => changes(outcome) || outcome === 'confirms';
const plain = (state: FeedbackResult['state']): FeedbackResult => ({ state, error: null });
const refused = (error: LatheError): FeedbackResult => ({ state: 'refused', error: error.report() });
