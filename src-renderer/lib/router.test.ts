import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLocation, parseRoute, pathTo, type Route } from './router.ts';

test.each<[string, Route]>([
  ['/', { view: 'overview' }],
  ['/experiments', { view: 'experiments' }],
  ['/experiments/e1', { view: 'experiments', experiment: 'e1' }],
  ['/runs/r1', { view: 'experiments', run: 'r1' }],
  ['/models/flight-delay', { view: 'models', model: 'flight-delay' }],
  ['/serving', { view: 'serving' }],
  ['/serving/flight-delay', { view: 'serving', endpoint: 'flight-delay' }],
  ['/monitoring/flight-delay/temp', { view: 'monitoring', endpoint: 'flight-delay', feature: 'temp' }],
  ['/alerts', { view: 'alerts' }],
  ['/alerts/a1', { view: 'alerts', alert: 'a1' }],
  ['/compare', { view: 'compare' }],
  ['/activity', { view: 'activity' }],
  ['/settings', { view: 'settings' }],
])('%s leads to its view', (path, route) => expect(parseRoute(path)).toEqual(route));

test.each([
  '/nowhere',
  '/runs',
  '/settings/x',
  '/compare/x',
  '/models/a/b',
  '/monitoring/a/b/c',
  '/alerts/a/b',
])('%s is said not to exist', (path) => expect(parseRoute(path)).toEqual({ view: 'not-found', path }));

test('an empty hash is the overview, and a query is apart from the path', () => {
  expect(parseLocation('')).toEqual({ path: '/', query: {} });
  expect(parseLocation('#/models?import=1&name=a%20b')).toEqual({
    path: '/models',
    query: { import: '1', name: 'a b' },
  });
});

test('a broken escape is taken as it stands', () => {
  expect(parseRoute('/models/100%')).toEqual({ view: 'models', model: '100%' });
});

test('any name survives the way into a path and back', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (name) => {
      const { path } = parseLocation(`#${pathTo('models', name)}`);
      expect(parseRoute(path)).toEqual({ view: 'models', model: name });
    }),
  );
});
