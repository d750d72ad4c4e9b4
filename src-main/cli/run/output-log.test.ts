import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openOutputLog } from './output-log.ts';

test('what fits is kept whole; of more the beginning and the end, and how much is missing', async () => {
  const part = fc.stringMatching(/^[a-z]{0,30}$/);
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 30 }), async (parts) => {
      const log = openOutputLog({ beginning: 40, end: 20 });
      for (const one of parts) log.write(Buffer.from(one));
      const kept = await (await log.finish()).text();
      log.remove();
      const all = parts.join('');
      const [, begin = kept, left = '0', end = ''] =
        /^([^[]*)\n\[lathe: (\d+) bytes are left out here\]\n(.*)$/s.exec(kept) ?? [];
      expect(begin.length + Number(left) + end.length).toBe(all.length);
      expect(all.startsWith(begin)).toBe(true);
      expect(all.endsWith(end)).toBe(true);
      if (all.length <= 60) expect(kept).toBe(all);
      if (Number(left) > 0) expect(end.length).toBeGreaterThanOrEqual(20);
    }),
  );
});

test('nothing of it stays on the disk', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('lathe-run-'));
  const log = openOutputLog();
  log.write(Buffer.from('x'));
  log.remove();
  const after = readdirSync(tmpdir()).filter((name) => name.startsWith('lathe-run-'));
  expect(after.filter((name) => !before.includes(name))).toEqual([]);
  expect(existsSync(tmpdir())).toBe(true);
});
