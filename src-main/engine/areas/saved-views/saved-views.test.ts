import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../../testing.ts';
import { createExperimentsArea } from '../experiments/index.ts';
import { createSavedViewService, type SavedViews } from './saved-views.service.ts';

let context: TestContext;
let views: SavedViews;
let experiment: string;
let other: string;
beforeEach(async () => {
  context = await openTestContext();
  const { experiments } = createExperimentsArea(context);
  [experiment, other] = [experiments.ensureExperiment('e'), experiments.ensureExperiment('o')];
  views = createSavedViewService(context);
});
afterEach(() => context.close());

const failing = (work: () => unknown): string => {
  try {
    work();
    return 'nothing failed';
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
};
const names = () => views.list(experiment).map(({ name }) => name);

test('a view is found again, by name, in its own experiment only', () => {
  const made = views.create(experiment, 'Größe 🚀 "%', '{"filter":"metrics.a > 1"}');
  views.create(experiment, 'a', '{}');
  expect(names()).toEqual(['a', 'Größe 🚀 "%']);
  expect(views.list(other)).toEqual([]);
  expect(views.list(experiment)[1]).toEqual(made);
});

test('names are one of a kind in an experiment, and free again once the view is deleted', () => {
  const first = views.create(experiment, 'a', '{}');
  const second = views.create(experiment, 'b', '{}');
  expect(failing(() => views.create(experiment, 'a', '{}'))).toBe('LATHE_VIEWS_NAME_TAKEN');
  expect(failing(() => views.update(second.id, second.revision, { name: 'a' }))).toBe(
    'LATHE_VIEWS_NAME_TAKEN',
  );
  expect(views.create(other, 'a', '{}').name).toBe('a');
  views.delete(first.id);
  expect(names()).toEqual(['b']);
  views.update(second.id, second.revision, { name: 'a' });
  expect(failing(() => views.restore(first.id))).toBe('LATHE_VIEWS_NAME_TAKEN');
});

test('a deletion is taken back whole', () => {
  const made = views.create(experiment, 'a', '{"x":1}');
  views.delete(made.id);
  expect(failing(() => views.update(made.id, made.revision, { state: '{}' }))).toBe('LATHE_NOT_FOUND');
  expect(views.restore(made.id)).toMatchObject({ name: 'a', state: '{"x":1}' });
  expect(failing(() => views.restore(made.id))).toBe('LATHE_NOT_FOUND');
  expect(names()).toEqual(['a']);
});

test('an update from an old copy is refused and changes nothing', () => {
  const made = views.create(experiment, 'a', '{"x":1}');
  const newer = views.update(made.id, made.revision, { state: '{"x":2}' });
  expect(failing(() => views.update(made.id, made.revision, { state: '{"x":3}' }))).toBe('LATHE_CONFLICT');
  expect(views.list(experiment)).toEqual([newer]);
});

test('unknown experiments and views are told so', () => {
  expect(failing(() => views.list('nope'))).toBe('LATHE_NOT_FOUND');
  expect(failing(() => views.create('nope', 'a', '{}'))).toBe('LATHE_NOT_FOUND');
  expect(failing(() => views.delete('nope'))).toBe('LATHE_NOT_FOUND');
});
