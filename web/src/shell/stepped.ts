// Moving through a list by keys.

/** The item after (step 1) or before (-1) the current one; the first or last when there is none. */
export function stepped<T>(items: readonly T[], current: T | undefined, step: 1 | -1): T | undefined {
  if (current === undefined) return step > 0 ? items[0] : items[items.length - 1];
  return items[(items.indexOf(current) + step + items.length) % items.length];
}
