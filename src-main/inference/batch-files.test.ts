/** Bodies of batches in files: on a real file system in memory where there is one. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBatchFiles, openBatchFiles } from './batch-files.ts';

const KIB = 1024;
let place: string;
beforeEach(() => {
  place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'lathe-test-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const body = (bytes: number, seed: number) => Buffer.alloc(bytes, `${seed} of a batch `);

function pair() {
  const gateway = createBatchFiles(place);
  const folder = gateway.renew() ?? '';
  const runner = openBatchFiles(folder);
  gateway.opened(folder);
  return { gateway, runner, folder };
}

describe('bodies in files', () => {
  it('are read as they were written, in parts too, each slot its own, and longer ones leave nothing behind', () => {
    const { gateway, runner } = pair();
    for (let round = 0; round < 20; round++) {
      const inputs = [0, 1, 2].map((at) =>
        body(64 * KIB + ((round * 7_919 + at * 31_337) % 400_000), round + at),
      );
      const slots = inputs.map((one) => gateway.put(one) as number);
      expect(new Set(slots).size).toBe(3);
      expect(gateway.put(body(100 * KIB, 1))).toBeNull();
      for (const [at, slot] of slots.entries()) {
        const own = inputs[at] as Buffer;
        expect(runner.take(slot, own.length).equals(own)).toBe(true);
        const parts = [own.subarray(0, 10), own.subarray(10, 70_000 - round), own.subarray(0, 40_000)];
        expect(runner.put(slot, parts)).toBe(true);
      }
      for (const [at, slot] of slots.entries()) {
        const own = inputs[at] as Buffer;
        const expected = Buffer.concat([own.subarray(0, 70_000 - round), own.subarray(0, 40_000)]);
        expect(gateway.take(slot, expected.length).equals(expected)).toBe(true);
        gateway.give(slot);
      }
    }
    runner.close();
    gateway.close();
    expect(readdirSync(place)).toEqual([]);
  });

  it('do not keep the room that a long one took', () => {
    const { gateway, runner, folder } = pair();
    const held = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    for (let round = 0; round < 3; round++) {
      const long = body(5 * 1024 * KIB, round);
      const slot = gateway.put(long) as number;
      expect(runner.take(slot, long.length).equals(long)).toBe(true);
      expect(runner.put(slot, [long])).toBe(true);
      expect(held()).toBeGreaterThanOrEqual(2 * long.length);
      expect(gateway.take(slot, long.length).equals(long)).toBe(true);
      gateway.give(slot);
      expect(held()).toBe(0);
    }
    runner.close();
    gateway.close();
  });

  it('are for nobody else, and are not those of the runner before', () => {
    const { gateway, runner, folder } = pair();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    const slot = gateway.put(body(100 * KIB, 1)) as number;
    const next = gateway.renew() ?? '';
    expect(existsSync(folder)).toBe(false);
    // Until the new runner has opened them.
    expect(gateway.put(body(100 * KIB, 2))).toBeNull();
    const other = openBatchFiles(next);
    gateway.opened(folder);
    expect(gateway.put(body(100 * KIB, 2))).toBeNull();
    gateway.opened(next);
    // What the old one writes late is seen by nobody.
    expect(runner.put(slot, [body(100 * KIB, 9)])).toBe(true);
    expect(() => gateway.take(slot, 100 * KIB)).toThrow('shorter');
    for (const end of [runner, other, gateway]) end.close();
  });

  it.each([
    ['short ones', 1_000],
    ['huge ones', 9 * 1024 * KIB],
  ])('are not made of %s: these go by the socket', (_, bytes) => {
    const { gateway, runner } = pair();
    expect(gateway.put(body(bytes, 1))).toBeNull();
    expect(runner.put(0, [body(bytes, 1)])).toBe(false);
    expect(() => runner.take(7, 100)).toThrow('no such batch');
    expect(() => gateway.take(0, 2 ** 40)).toThrow('no such result');
    runner.close();
    gateway.close();
  });

  it.runIf(existsSync('/dev/full'))('that find no room go by the socket, on either side', () => {
    const folder = join(place, 'full');
    mkdirSync(folder);
    for (const slot of [0, 1, 2])
      for (const kind of ['inputs', 'outputs']) symlinkSync('/dev/full', join(folder, `${kind}-${slot}`));
    const runner = openBatchFiles(folder);
    expect(runner.put(0, [body(100 * KIB, 1)])).toBe(false);
    runner.close();
    expect(createBatchFiles('/dev/null').renew()).toBeNull();
    expect(createBatchFiles(join(place, 'nowhere')).renew()).toBeNull();
    expect(() => openBatchFiles(join(place, 'nowhere'))).toThrow('ENOENT');
  });

  it.runIf(existsSync('/proc/self/fd'))('that are partly out of reach are left, none of them open', () => {
    const { gateway, folder } = pair();
    rmSync(join(folder, 'outputs-2'));
    const before = readdirSync('/proc/self/fd').length;
    expect(() => openBatchFiles(folder)).toThrow('ENOENT');
    expect(readdirSync('/proc/self/fd').length).toBe(before);
    gateway.close();
  });

  it('of gateways that are gone are removed, those of others are not', () => {
    const gone = join(place, `lathe-batches-${2 ** 22 + 1}-AbCdEf`);
    const present = join(place, `lathe-batches-${process.ppid}-AbCdEf`);
    const other = join(place, 'lathe-batches-of-somebody');
    for (const folder of [gone, present, other]) mkdirSync(folder);
    createBatchFiles(place);
    expect(readdirSync(place).toSorted()).toEqual(
      [present, other].map((path) => path.slice(place.length + 1)).toSorted(),
    );
  });
});
