import { expect, test } from 'vitest';
import { openTestContext } from '../testing.ts';

test('context', async () => {
  const c = await openTestContext();
  const { sha256 } = await c.blobs.put(Buffer.from('hello'));
  expect(c.blobs.has(sha256)).toBe(true);
  expect(await c.readers.all('SELECT sha256 FROM blob')).toEqual([{ sha256 }]);
  expect(c.workspace.info().name).toBe('test');
  await c.close();
});
