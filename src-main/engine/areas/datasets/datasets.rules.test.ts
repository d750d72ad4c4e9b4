import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, profileFacts, sourceText } from './datasets.rules.ts';

test('columns as MLflow writes them, and as a training profile has them', () => {
  expect(columnsOf('{"mlflow_colspec":[{"type":"double","name":"a","required":true}]}', null)).toEqual([
    { name: 'a', type: 'double' },
  ]);
  const tensors = {
    mlflow_tensorspec: {
      features: '[{"type":"tensor","tensor-spec":{"dtype":"float64","shape":[-1,4]}}]',
      targets: null,
    },
  };
  expect(columnsOf(JSON.stringify(tensors), null)).toEqual([{ name: 'features', type: 'float64 [-1, 4]' }]);
  expect(columnsOf(null, '[{"name":"temp","kind":"numeric"}]')).toEqual([{ name: 'temp', type: 'numeric' }]);
  expect(profileFacts('{"num_rows":284807,"deep":{}}')).toEqual([{ label: 'Rows', value: '284,807' }]);
  expect(sourceText('{"uri":"data/a.parquet"}')).toBe('data/a.parquet');
  expect(sourceText('s3://b/x')).toBe('s3://b/x');
});

test('whatever a client wrote is read without a failure', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.oneof(fc.json(), fc.string()), (schema, profile) => {
      for (const { name, type } of columnsOf(schema, profile))
        expect(typeof name + typeof type).toBe('stringstring');
      profileFacts(profile);
      expect(typeof sourceText(schema)).toBe('string');
    }),
  );
});
