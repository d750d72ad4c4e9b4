/** Who waits for the thread for heavy JSON, who does not, and what is never read. Time is moved by hand. */
import { describe, expect, it } from 'vitest';
import { LatheError } from '../../contract/errors.ts';
import { createJsonLine, type Patience } from './json-line.ts';
import { peekTimeoutUs } from './json-text.ts';

const MB = 1_000_000;

function world() {
  let nowMs = 1_000;
  const line = createJsonLine({ now: () => nowMs, monotonic: () => nowMs });
  const begun: string[] = [];
  const refused: string[] = [];
  const leave = new Map<string, () => void>();
  return {
    line,
    begun,
    refused,
    leave,
    /** So much later what runs is done, having taken `tookMs`. */
    ends(ms: number, tookMs: number | null = ms) {
      nowMs += ms;
      line.ended(tookMs);
    },
    read(name: string, bytes: number, patience: Partial<Patience> = {}) {
      line.read({
        bytes,
        begin: () => begun.push(name),
        refuse: (error) =>
          refused.push(
            `${name} ${error.code.replace('LATHE_SERVING_', '')} ${error.details.why ?? ''}`.trim(),
          ),
        patience: {
          arrivedMs: nowMs,
          limitMs: 30_000,
          sloMs: null,
          roomBytes: () => 100 * MB,
          overloaded: ({ late, queuedBytes }) =>
            new LatheError('LATHE_SERVING_OVERLOADED', { why: late ? 'late' : `full ${queuedBytes}` }),
          timeout: () => new LatheError('LATHE_SERVING_TIMEOUT', {}),
          onGone: (gone) => void leave.set(name, gone),
          ...patience,
        },
      });
    },
  };
}

describe('the line before the thread', () => {
  it('goes one by one in order, and answers go before requests', () => {
    const w = world();
    for (const name of ['a', 'b', 'c']) w.read(name, 1_000);
    w.line.write(() => w.begun.push('answer'));
    expect(w.begun).toEqual(['a']);
    for (let n = 0; n < 4; n++) w.ends(1);
    expect(w.begun).toEqual(['a', 'answer', 'b', 'c']);
  });

  it('refuses at once what has no room, and lets a request larger than all room pass alone', () => {
    const w = world();
    const room = { roomBytes: () => 10 * MB, sloMs: 30_000 };
    w.read('huge', 11 * MB, room);
    w.read('next', 1 * MB, room);
    expect(w.begun).toEqual(['huge']);
    expect(w.refused).toEqual([`next OVERLOADED full ${11 * MB}`]);
    w.ends(100);
    for (const name of ['a', 'b', 'c']) w.read(name, 4 * MB, room);
    expect(w.refused.slice(1)).toEqual([`c OVERLOADED full ${8 * MB}`]);
  });

  it('refuses what the line alone would make late, as it has learned what reading takes', () => {
    const w = world();
    const slo = { sloMs: 1_000 };
    // A hundred milliseconds each; the estimate comes there from whatever it was.
    for (let n = 0; n < 30; n++) {
      w.read('warm', MB, slo);
      w.ends(100);
    }
    for (let n = 0; n < 20; n++) w.read(`${n}`, MB, slo);
    // The first runs; with the ninth the line takes 900 ms of 1,000.
    const late = Array.from({ length: 20 }, (_, n) => `${n} OVERLOADED late`);
    expect(w.refused).toEqual(late.slice(9));
    w.ends(100);
    w.read('again', MB, slo);
    expect(w.refused).toHaveLength(11);
  });

  it('without a target lets wait what takes long by itself, and no line of a second', () => {
    const w = world();
    for (let n = 0; n < 30; n++) {
      w.read('warm', MB);
      w.ends(100);
    }
    w.read('large', 20 * MB);
    w.read('large too', 20 * MB);
    w.read('small', MB);
    expect(w.refused).toEqual(['small OVERLOADED late']);
  });

  it('without a target does not hold against a client how long it took to send', () => {
    const w = world();
    w.read('first', MB);
    w.read('slow', MB, { arrivedMs: -4_000 });
    w.read('slow, with a target', MB, { arrivedMs: -4_000, sloMs: 1_000 });
    w.ends(50);
    expect([w.begun, w.refused]).toEqual([['first', 'slow'], ['slow, with a target OVERLOADED late']]);
  });

  it('never reads what nobody waits for: a client that is gone, a time that is over', () => {
    const w = world();
    w.read('first', MB);
    w.read('gone', MB);
    w.read('brief', MB, { limitMs: 100 });
    w.read('last', MB);
    w.leave.get('gone')?.();
    w.ends(200, null);
    w.ends(1, null);
    expect(w.begun).toEqual(['first', 'last']);
    expect(w.refused).toEqual(['gone LATHE_CANCELLED', 'brief TIMEOUT']);
    // What left made room.
    w.read('a', 40 * MB, { sloMs: 30_000 });
    w.read('b', 60 * MB, { sloMs: 30_000 });
    expect(w.refused).toHaveLength(2);
  });

  it('drops before its turn what has become late meanwhile', () => {
    const w = world();
    w.read('first', MB);
    w.read('second', MB, { sloMs: 500 });
    w.ends(490);
    expect([w.begun, w.refused]).toEqual([['first'], ['second OVERLOADED late']]);
  });
});

describe('the timeout of a request that is not parsed', () => {
  const peek = (text: string) => peekTimeoutUs(Buffer.from(text));
  it('is found at either end, and nowhere else', () => {
    const inputs = `"inputs":[{"name":"x","parameters":{"timeout":7},"data":[${'1,'.repeat(2_000)}1]}]`;
    expect(peek(`{"id":"a","parameters":{"priority":1,"timeout":5000},${inputs}}`)).toBe(5_000);
    expect(peek(`{${inputs},"outputs":[],"parameters": {"timeout": 6000 , "x":true} }`)).toBe(6_000);
    expect(peek(`{${inputs}}`)).toBe(0);
    expect(peek(`{${inputs},"parameters":{"timeout":"soon"}}`)).toBe(0);
    expect(peek('{"inputs":[{"data":["\\"parameters\\":{\\"timeout\\":9}"]}]}')).toBe(0);
    expect(peek('')).toBe(0);
  });
});
