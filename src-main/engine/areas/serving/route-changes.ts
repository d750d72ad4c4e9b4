/** Changes of routes, by people, by the canary's controller and by the bandit: each a revision with its reason. */
import { LatheError } from '../../../contract/errors.ts';
import type { Endpoint } from '../../../contract/serving.ts';
import {
  type CanaryAction,
  type CanaryFigures,
  type DecisionFigures,
  type Route,
  type RouteChange,
  routeOf,
} from '../../../contract/serving-route.ts';
import type { AreaContext } from '../../context.ts';
import type { Activities } from '../activity/index.ts';
import { act, type Move, refusal, withShare } from './canary.rules.ts';
import { canaryAfter, checkedRoute } from './route.rules.ts';
import type { EndpointRecord, FoundVersion } from './serving.rules.ts';
import type { Change } from './serving.store.ts';

type Ports = {
  context: Pick<AreaContext, 'clock' | 'events'>;
  activities: Pick<Activities, 'record'>;
  findVersion(model: string, version: string): FoundVersion | null;
  /** Throws LATHE_NOT_FOUND. */
  record(name: string): EndpointRecord;
  /** Throws LATHE_CONFLICT when the revision is not the present one. */
  save(name: string, revision: number, part: Partial<EndpointRecord>, change: Change): Endpoint;
  change(record: EndpointRecord, revision: number): RouteChange | null;
  byUser(reason: string): Change;
};

type Asked = { name: string; revision: number; reason: string };

export function createRouteChanges(ports: Ports) {
  const { record, save, byUser } = ports;
  const { clock, events } = ports.context;
  const usable = (model: string, route: Route): Route =>
    checkedRoute(model, route, (version) => ports.findVersion(model, version));

  function setRoute({ name, revision, reason, ...input }: Asked & { route: Route }): Endpoint {
    const present = record(name);
    const route = usable(present.model, input.route);
    const canary = canaryAfter(present, route, clock.now());
    return save(name, revision, { ...route, canary }, byUser(reason));
  }

  return {
    usable,
    setRoute,
    rollback({ name, revision, to, reason }: Asked & { to: number }): Endpoint {
      const former = ports.change(record(name), to);
      if (!former)
        throw new LatheError('LATHE_NOT_FOUND', { kind: 'revision of the endpoint', name: `${to}` });
      return setRoute({ name, revision, route: former.route, reason: reason || `back to revision ${to}` });
    },
    canary({ name, revision, action, reason }: Asked & { action: CanaryAction }): Endpoint {
      const { mode, canary, arms } = record(name);
      if (mode.kind !== 'canary' || !canary) throw impossible(name, action, 'its route is not a canary');
      const no = refusal(canary, action);
      if (no !== null) throw impossible(name, action, no);
      const { state, share } = act(mode, canary, action, clock.now());
      const moved = share === null ? arms : withShare(arms, mode, share);
      return save(name, revision, { arms: moved, canary: state }, byUser(reason || `canary: ${action}`));
    },
    /** The canary's controller has decided. */
    decided(present: EndpointRecord, move: Move, reason: string, figures: CanaryFigures | null): void {
      const { name, revision, mode, arms } = present;
      if (mode.kind !== 'canary') return;
      const { state, share } = move;
      const moved = share === null ? arms : withShare(arms, mode, share);
      const change = { actor: 'canary', reason, atMs: clock.now(), automatic: true, figures };
      save(name, revision, { arms: moved, canary: state }, change);
      const failed = state.status === 'rolled-back';
      const title = failed ? `The canary of ${name} was rolled back` : `The canary of ${name} goes on`;
      const href = `/serving/${name}`;
      ports.activities.record({ kind: failed ? 'incident' : 'change', title, detail: reason, href });
      if (failed) events.notice({ level: 'error', title, detail: reason, href });
    },
    /**
     * Other weights for the present arms, by a rule instead of a person (the bandit). Throws LATHE_CONFLICT when
     * the route is another one meanwhile.
     */
    reweigh(input: {
      name: string;
      revision: number;
      weights: Readonly<Record<string, number>>;
      actor: string;
      reason: string;
      figures: DecisionFigures;
    }): Endpoint {
      const { name, revision, weights, actor, reason, figures } = input;
      const present = record(name);
      const arms = present.arms.map((arm) => ({ ...arm, weight: weights[arm.key] ?? arm.weight }));
      const route = usable(present.model, { ...routeOf(present), arms });
      return save(name, revision, route, { actor, reason, atMs: clock.now(), automatic: true, figures });
    },
  };
}

const impossible = (name: string, action: CanaryAction, reason: string): LatheError =>
  new LatheError('LATHE_SERVING_CANARY_ACTION', { name, action, reason });
