/**
 * MT19937 (Matsumoto & Nishimura 1998) with the draws of numpy's `RandomState`, so that what other programs draw from a
 * seed can be drawn here. Not for anything secret.
 */
const SIZE = 624;
const SHIFT = 397;

export class Mersenne {
  private readonly state = new Uint32Array(SIZE);
  private at = SIZE;

  constructor(seed: number) {
    this.state[0] = seed;
    for (let at = 1; at < SIZE; at++) {
      const before = this.state[at - 1] as number;
      this.state[at] = Math.imul(before ^ (before >>> 30), 1_812_433_253) + at;
    }
  }

  /** 32 bits. */
  next(): number {
    if (this.at >= SIZE) this.refill();
    let bits = this.state[this.at++] as number;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c_5680;
    bits ^= (bits << 15) & 0xefc6_0000;
    return (bits ^ (bits >>> 18)) >>> 0;
  }

  /** A whole number from 0 to `most`, both included; what a mask lets through above it is drawn again. */
  upTo(most: number): number {
    if (most === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (this.next() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  /** Fisher–Yates from the end. The array itself is shuffled. */
  shuffle(values: Int32Array): Int32Array {
    for (let at = values.length - 1; at >= 1; at--) {
      const other = this.upTo(at);
      const kept = values[at] as number;
      values[at] = values[other] as number;
      values[other] = kept;
    }
    return values;
  }

  permutation(n: number): Int32Array {
    const values = new Int32Array(n);
    for (let at = 1; at < n; at++) values[at] = at;
    return this.shuffle(values);
  }

  private refill(): void {
    const { state } = this;
    for (let at = 0; at < SIZE; at++) {
      const bits = ((state[at] as number) & 0x8000_0000) | ((state[(at + 1) % SIZE] as number) & 0x7fff_ffff);
      const twist = (bits >>> 1) ^ ((bits & 1) === 1 ? 0x9908_b0df : 0);
      state[at] = (state[(at + SHIFT) % SIZE] as number) ^ twist;
    }
    this.at = 0;
  }
}
