// Instants as people write them, and as the page's address has them.

const kMonths = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const kUnitUs: Record<string, number> = { ms: 1e3, s: 1e6, m: 60e6, min: 60e6, h: 3600e6, d: 86_400e6 };

/** "2026-11-22T14:03:22.123456Z". */
export function utcIso(us: number): string {
  const whole = Math.floor(us);
  const micros = ((whole % 1_000_000) + 1_000_000) % 1_000_000;
  const seconds = new Date((whole - micros) / 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(micros).padStart(6, '0')}Z`;
}

interface Parts {
  year: number;
  month: number;
  day: number;
  hour?: string | undefined;
  minute?: string | undefined;
  second?: string | undefined;
  fraction?: string | undefined;
  zone?: string | undefined;
}

/** Undefined when there is no such day or time. */
function instant(parts: Parts): number | undefined {
  const { year, month, day } = parts;
  const [hour, minute, second] = [parts.hour, parts.minute, parts.second].map((text) => Number(text ?? 0));
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  const date = new Date(ms);
  const isSame = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  if (!Number.isFinite(ms) || !isSame || Number(parts.minute ?? 0) > 59 || Number(parts.second ?? 0) > 59)
    return undefined;
  const zone = /^([+-])(\d\d):?(\d\d)$/.exec(parts.zone ?? '');
  const zoneUs = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) * 60e6 : 0;
  return ms * 1000 + Number((parts.fraction ?? '').padEnd(6, '0').slice(0, 6)) - zoneUs;
}

const kTime = '(?<hour>\\d{1,2}):(?<minute>\\d\\d)(?::(?<second>\\d\\d)(?:[.,](?<fraction>\\d{1,9}))?)?';
const kDateTime = new RegExp(
  `^(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)(?:[T ]+${kTime})?\\s*(?<zone>Z|[+-]\\d\\d:?\\d\\d)?$`,
  'i',
);
const kTimeOnly = new RegExp(`^${kTime}\\s*Z?$`, 'i');
/** Date-time group: 221403ZNOV26. */
const kGroup = /^(?<day>\d\d)(?<hour>\d\d)(?<minute>\d\d)Z?\s*(?<month>[A-Z]{3})\s*(?<year>\d\d|\d{4})$/i;
const kRelative = /^(?<sign>[+\-\u2212])\s*(?<amount>\d+(?:\.\d+)?)\s*(?<unit>ms|s|m|min|h|d)$/i;

/** UTC microseconds; `aroundUs` is what times of day and "+5m" refer to. Undefined: not understood. */
export function parseUtc(text: string, aroundUs: number, nowUs: number): number | undefined {
  const trimmed = text.trim();
  if (/^now$/i.test(trimmed)) return nowUs;
  if (/^\d{10}$/.test(trimmed)) return Number(trimmed) * 1e6;
  if (/^\d{13}$/.test(trimmed)) return Number(trimmed) * 1e3;
  if (/^\d{16}$/.test(trimmed)) return Number(trimmed);
  const relative = kRelative.exec(trimmed)?.groups;
  if (relative) {
    const us = Number(relative['amount']) * (kUnitUs[(relative['unit'] ?? '').toLowerCase()] ?? 0);
    return aroundUs + (relative['sign'] === '+' ? us : -us);
  }
  const full = kDateTime.exec(trimmed)?.groups;
  if (full) {
    return instant({
      ...full,
      year: Number(full['year']),
      month: Number(full['month']),
      day: Number(full['day']),
    });
  }
  const today = new Date(Math.floor(aroundUs / 1000));
  const [year, month, day] = [today.getUTCFullYear(), today.getUTCMonth() + 1, today.getUTCDate()];
  const time = kTimeOnly.exec(trimmed)?.groups;
  if (time) return instant({ ...time, year, month, day });
  const group = kGroup.exec(trimmed)?.groups;
  if (!group) return undefined;
  const groupYear = Number(group['year']);
  return instant({
    ...group,
    year: groupYear < 100 ? 2000 + groupYear : groupYear,
    month: kMonths.indexOf((group['month'] ?? '').toUpperCase()) + 1,
    day: Number(group['day']),
  });
}

/** "12 s", "3 min 20 s", "2 h 05 min", "3 d 4 h". */
export function durationText(us: number): string {
  const seconds = Math.max(0, Math.round(us / 1e6));
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
    Math.floor(seconds / 86_400),
  ];
  if (seconds < 1) return `${Math.round(Math.max(0, us) / 1000)} ms`;
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  if (days < 1) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${days} d ${hours % 24} h`;
}
