// Heights of the rows of a long list: sums up to a row, and the row at a place, in logarithmic time (a Fenwick tree).
const kHair = 1; // what may be missing of a row that is whole: places are rounded to pixels

export interface Seen {
  from: number; // rows of which something is seen
  to: number;
  first: number; // rows that are seen in full; where none is, the one at the top
  last: number;
}

export class Heights {
  #sums: Float64Array;
  #own: Float64Array;

  constructor(readonly count: number, heightOf: (index: number) => number) {
    this.#own = new Float64Array(count);
    this.#sums = new Float64Array(count + 1);
    for (let i = 0; i < count; ++i) {
      const height = heightOf(i);
      this.#own[i] = height;
      this.#sums[i + 1] = height;
    }
    for (let i = 1; i <= count; ++i) {
      const parent = i + (i & -i);
      if (parent <= count) this.#sums[parent] = (this.#sums[parent] as number) + (this.#sums[i] as number);
    }
  }

  of(index: number): number {
    return this.#own[index] ?? 0;
  }

  set(index: number, height: number): void {
    const change = height - this.of(index);
    this.#own[index] = height;
    for (let i = index + 1; i <= this.count; i += i & -i) this.#sums[i] = (this.#sums[i] as number) + change;
  }

  // Where row `index` begins; of `count` the whole height.
  before(index: number): number {
    let sum = 0;
    for (let i = index; i > 0; i -= i & -i) sum += this.#sums[i] as number;
    return sum;
  }

  // The row at a height from the top; the last one behind the end, 0 before the beginning.
  at(height: number): number {
    let index = 0;
    let rest = height;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(this.count, 1))); step > 0; step /= 2) {
      const sum = this.#sums[index + step];
      if (index + step <= this.count && sum !== undefined && sum <= rest) {
        index += step;
        rest -= sum;
      }
    }
    return Math.max(0, Math.min(index, this.count - 1));
  }

  // The rows between two heights.
  within(top: number, bottom: number): Seen {
    const from = this.at(top);
    const to = this.at(bottom - kHair);
    const first = this.before(from) < top - kHair ? from + 1 : from;
    const last = this.before(to + 1) > bottom + kHair ? to - 1 : to;
    return first <= last ? { from, to, first, last } : { from, to, first: from, last: from };
  }
}
