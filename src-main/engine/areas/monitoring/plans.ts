/** What is watched of a model version: grids, bins and how its score is read. Compiled once per version. */
import { LatheError } from '../../../contract/errors.ts';
import { type Binning, binningOf } from './drift.rules.ts';
import { type Decision, decisionOf } from './judging.rules.ts';
import {
  type FeatureProfile,
  type Grid,
  gridOf,
  PREDICTION_FEATURE,
  ReferenceProfile,
} from './profile.rules.ts';

export type WatchedFeature = {
  name: string;
  kind: 'numeric' | 'categorical' | 'prediction';
  profile: FeatureProfile;
  grid: Grid;
  binning: Binning;
  /** Equal for features whose panes may be added, whichever version they were counted for. */
  gridId: string;
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
  const single = new Set(
    facts.inputs.filter((input) => input.datatype === 'FP32').map((input) => input.name),
  );
  const inputs = new Set(facts.inputs.map((input) => input.name));
  const features = reference.features
    .filter((profile) => inputs.has(profile.name))
    .map((profile) => watched(profile.name, profile.kind, profile, single.has(profile.name)));
  if (reference.prediction !== null) {
    const scored = facts.outputs.find((output) => output.name === facts.prediction.score?.output);
    features.push(
      watched(PREDICTION_FEATURE, 'prediction', reference.prediction, scored?.datatype === 'FP32'),
    );
  }
  return { decision, features };
}

function parseReference(value: unknown): ReferenceProfile {
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
  const cells = profile.kind === 'numeric' ? profile.edges : profile.categories.map(([value]) => value);
  const gridId = JSON.stringify([profile.kind, single, cells]);
  return { name, kind, profile, grid: gridOf(profile, single), binning: binningOf(profile), gridId };
}
