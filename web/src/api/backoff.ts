// How long to wait before trying again.

export const kFirstDelayMs = 500;
export const kLongestDelayMs = 5000;

/**
 * Delay before the attempt number `attempt` (0 is the first retry): doubles up to kLongestDelayMs, and varies by a
 * quarter so that many pages do not return to a restarted server at the same instant. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number = Math.random()): number {
  const base = Math.min(kLongestDelayMs, kFirstDelayMs * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.75 + 0.5 * random));
}
