import { describe, expect, test } from 'vitest';
import { runOrigin } from './run-origin.ts';

describe('where a run came from', () => {
  test('is told apart from what the user wrote', () => {
    const origin = runOrigin({
      team: 'pricing',
      'mlflow.source.git.commit': 'from mlflow',
      'lathe.code.commit': 'abc',
      'lathe.os': 'Linux 6.1',
      'lathe.env.OMP_NUM_THREADS': '4',
      'mlflow.runName': 'first',
    });
    expect(origin).toEqual({
      code: [['Commit', 'abc']],
      environment: [
        ['System', 'Linux 6.1'],
        ['OMP_NUM_THREADS', '4'],
      ],
      tags: [['team', 'pricing']],
      internal: [['mlflow.runName', 'first']],
    });
  });

  test('of a run that MLflow’s client made is what that says', () => {
    const { code } = runOrigin({ 'mlflow.source.name': 'train.py', 'mlflow.source.git.commit': 'abc' });
    expect(code).toEqual([
      ['Commit', 'abc'],
      ['Entry point', 'train.py'],
    ]);
  });

  test('loses no tag: every one is shown once, or says what another one says too', () => {
    const tags = Object.fromEntries(
      ['a', 'lathe.x', 'mlflow.y', 'lathe.cwd', 'lathe.env.A', 'lathe.gpu', ''].map((key) => [
        key,
        `of ${key}`,
      ]),
    );
    const shown = Object.values(runOrigin(tags)).flatMap((facts) => facts.map(([, value]) => value));
    expect(shown.toSorted()).toEqual(Object.values(tags).toSorted());
  });
});
