/** What is watched of a model version: grids, bins and how its score is read. Compiled once per version. */
import { LatheError } from '../../../contract/errors.ts';
import { type Layouts, layoutIdOf } from './bins.rules.ts';
import { type Baseline, baselineOf } from './drift.rules.ts';
import { type Decision, decisionOf } from './judging.rules.ts';
import {
  type FeatureProfile,
  type Grid,
  gridOf,
  PREDICTION_FEATURE,
  ReferenceProfile,
  referenceCounts,
} from './profile.rules.ts';

export type WatchedFeature = {
  name: string;
  kind: 'numeric' | 'categorical' | 'prediction';
  /** The reference that froze the grid. */
  profile: FeatureProfile;
  grid: Grid;
  /** What it is compared with; `profile` where nothing else is said. */
  reference: FeatureProfile;
  baseline: Baseline;
  /** Equal for features whose panes may be added, whichever version they were counted for. */
  gridId: string;
  /** Equal where bins may be added too. */
  layoutId: number;
};

export type WatchPlan = { decision: Decision; features: WatchedFeature[] };

/** What a plan is made of, as the models area knows it. */
export type VersionFacts = {
  inputs: { name: string; datatype: string }[];
  outputs: { name: string; datatype: string }[];
  prediction: { task: string; score: { output: string; index: number } | null; threshold: number };
  /** The stored reference, parsed from JSON; null without one. */
  reference: unknown;
};

export function planOf(facts: VersionFacts): WatchPlan {
  const decision = decisionOf(facts.prediction);
  if (facts.reference === null || facts.reference === undefined) return { decision, features: [] };
  const reference = parseReference(facts.reference);
  const datatypes = new Map(facts.inputs.map((input) => [input.name, input.datatype]));
  const features = reference.features.flatMap((profile) => {
    // Of a matrix x the features are x[0], x[1], …
    const datatype = datatypes.get(profile.name) ?? datatypes.get(profile.name.replace(/\[\d+\]$/, ''));
    return datatype === undefined ? [] : [watched(profile.name, profile.kind, profile, datatype === 'FP32')];
  });
  if (reference.prediction !== null) {
    const scored = facts.outputs.find((output) => output.name === facts.prediction.score?.output);
    features.push(
      watched(PREDICTION_FEATURE, 'prediction', reference.prediction, scored?.datatype === 'FP32'),
    );
  }
  return { decision, features };
}

/**
 * The features compared with another reference, on the grid that the version's first one froze. Those that the other
 * does not have, or has on another grid, are left out.
 */
export function comparedWith(plan: WatchPlan, reference: unknown): WatchedFeature[] {
  const other = parseReference(reference);
  const profiles = new Map<string, FeatureProfile>(other.features.map((profile) => [profile.name, profile]));
  if (other.prediction) profiles.set(PREDICTION_FEATURE, other.prediction);
  return plan.features.flatMap((feature) => {
    const profile = profiles.get(feature.name);
    if (!profile || cellsId(profile) !== cellsId(feature.profile)) return [];
    return [
      { ...feature, baseline: baselineOf(feature.profile, referenceCounts(profile)), reference: profile },
    ];
  });
}

/** How the version's panes are binned. */
export const layoutsOf = ({ features }: WatchPlan): Layouts =>
  new Map(features.map(({ name, baseline, layoutId }) => [name, { ...baseline, layoutId }]));

export function parseReference(value: unknown): ReferenceProfile {
  const parsed = ReferenceProfile.safeParse(value);
  if (parsed.success) return parsed.data;
  const reason = parsed.error.issues[0]?.message ?? 'it has another form';
  throw new LatheError('LATHE_INTERNAL', { reason: `a stored reference profile is damaged: ${reason}` });
}

function watched(
  name: string,
  kind: WatchedFeature['kind'],
  profile: FeatureProfile,
  single: boolean,
): WatchedFeature {
  const gridId = `${single} ${cellsId(profile)}`;
  const grid = gridOf(profile, single);
  const baseline = baselineOf(profile);
  const layoutId = layoutIdOf(baseline);
  return { name, kind, profile, reference: profile, grid, baseline, gridId, layoutId };
}

/** Equal for profiles with the same cells. Edges are not written out as text, which takes a millisecond for a few thousand. */
const cellsId = (profile: FeatureProfile): string =>
  profile.kind === 'numeric'
    ? Buffer.from(Float64Array.from(profile.edges).buffer).toString('latin1')
    : JSON.stringify(profile.categories.map(([value]) => value));
