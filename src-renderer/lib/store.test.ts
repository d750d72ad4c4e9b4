import { beforeEach, describe, expect, it } from 'vitest';
import { toast, useViewStore } from './store.ts';

const shown = () => useViewStore.getState().toasts.map(({ title }) => title);

describe('toasts', () => {
  beforeEach(() => useViewStore.setState({ toasts: [] }));

  it('shows the newest last, and the same words once', () => {
    toast.ok('Saved');
    toast.ok('Copied');
    toast.ok('Saved');
    expect(shown()).toEqual(['Copied', 'Saved']);
    toast.ok('Saved', 'to another file');
    expect(shown()).toEqual(['Copied', 'Saved', 'Saved']);
  });

  it('keeps four: what passes gives way before a warning, and that before an error', () => {
    toast.show('bad', 'critical');
    toast.show('warn', 'warning');
    toast.ok('first');
    toast.ok('second');
    toast.ok('third');
    expect(shown()).toEqual(['critical', 'warning', 'second', 'third']);
    toast.show('bad', 'critical too');
    toast.show('bad', 'critical as well');
    toast.ok('fourth');
    expect(shown()).toEqual(['critical', 'critical too', 'critical as well', 'fourth']);
    toast.show('bad', 'newest');
    toast.show('bad', 'newest of all');
    expect(shown()).toEqual(['critical too', 'critical as well', 'newest', 'newest of all']);
  });
});
