// How old a value may be before it is dimmed, and before it is taken away.
import type { Telemetry } from '../api/types';

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

/** Merged telemetry, and when its parts reached the server, UTC microseconds. */
export interface Heard {
  /** Of the newest field. */
  received?: number;
  /** Of the fields that are older. */
  received_fields?: Readonly<Record<string, number>>;
  telemetry?: Telemetry;
}

export type Field = Exclude<keyof Telemetry, 'time' | 'time_source'>;

/** The age of the oldest of those `fields` that the vehicle has said. */
export function oldestMs(heard: Heard, fields: readonly Field[], nowUs: number): number | undefined {
  if (heard.received === undefined) return undefined;
  let oldest: number | undefined;
  for (const field of fields) {
    if (heard.telemetry?.[field] === undefined) continue;
    const received = heard.received_fields?.[field] ?? heard.received;
    oldest = Math.max(oldest ?? 0, (nowUs - received) / 1000);
  }
  return oldest;
}

/** Only the fields that are younger than `limitMs`; nothing when none is. */
export function youngTelemetry(heard: Heard, nowUs: number, limitMs: number): Telemetry | undefined {
  const { telemetry, received, received_fields: receivedFields = {} } = heard;
  const isOld = (us: number) => (nowUs - us) / 1000 >= limitMs;
  if (!telemetry || received === undefined || isOld(received)) return undefined;
  const young = { ...telemetry };
  for (const [field, us] of Object.entries(receivedFields)) {
    if (isOld(us)) delete young[field as Field];
  }
  return young;
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
