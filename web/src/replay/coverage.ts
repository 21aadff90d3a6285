// Where something was recorded.
import type { Span } from './replay_state';

/** Both in order of time; ranges that touch or overlap become one. */
export function merged(...lists: (readonly Span[])[]): Span[] {
  const sorted = lists.flat().sort((a, b) => a.fromUs - b.fromUs);
  const ranges: Span[] = [];
  for (const range of sorted) {
    const last = ranges[ranges.length - 1];
    if (last && range.fromUs <= last.toUs) last.toUs = Math.max(last.toUs, range.toUs);
    else ranges.push({ ...range });
  }
  return ranges;
}

export const rangeAt = (ranges: readonly Span[], us: number): Span | undefined =>
  ranges.find(({ fromUs, toUs }) => us >= fromUs && us < toUs);

/** The first range that begins later. */
export const nextRange = (ranges: readonly Span[], us: number): Span | undefined =>
  ranges.find(({ fromUs }) => fromUs > us);

/** The last range that ends before or at the instant. */
export const previousRange = (ranges: readonly Span[], us: number): Span | undefined =>
  ranges.findLast(({ toUs }) => toUs <= us);

const kEdgeUs = 1_000_000;

/** Where "next coverage" leads: the beginning of the next range. */
export function nextStart(ranges: readonly Span[], us: number): number | undefined {
  return nextRange(ranges, us)?.fromUs;
}

/** Where "previous coverage" leads: the beginning of this range, or when that is where one is, of the one before. */
export function previousStart(ranges: readonly Span[], us: number): number | undefined {
  return ranges.findLast(({ fromUs }) => fromUs < us - kEdgeUs)?.fromUs;
}

/** The gap around an instant in which nothing was recorded; open where nothing comes before or after. */
export function gapAt(ranges: readonly Span[], us: number): { fromUs?: number; toUs?: number } {
  const [before, after] = [previousRange(ranges, us), nextRange(ranges, us)];
  return { ...(before && { fromUs: before.toUs }), ...(after && { toUs: after.fromUs }) };
}
