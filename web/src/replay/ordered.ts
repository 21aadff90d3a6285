// Finding places in lists that are in order.

/** Index of the last item whose `key` is not above `value`; -1: all are above. `items` rise by `key`. */
export function lastUpTo<T>(items: readonly T[], key: (item: T) => number, value: number): number {
  let [low, high] = [-1, items.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const item = items[middle];
    if (item !== undefined && key(item) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
