// How old a value may be before it is dimmed, and before it is taken away.

export type Freshness = 'fresh' | 'ageing' | 'stale' | 'never';

export const kAgeingMs = 2000;
export const kStaleMs = 10_000;
/** Link values on the picture go sooner: there they stand beside values of the very frame. */
export const kHudLinkStaleMs = 3000;

export function freshness(ageMs: number | undefined): Freshness {
  if (ageMs === undefined) return 'never';
  if (ageMs >= kStaleMs) return 'stale';
  return ageMs >= kAgeingMs ? 'ageing' : 'fresh';
}

/** "0.4 s", "12 s", "3 min", "2 h": at most four figures, never negative. */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, ageMs) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}
