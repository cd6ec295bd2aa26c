// Heights of the rows of a long list: sums up to a row, and the row at a place, in logarithmic time (a Fenwick tree).
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
}
