// Numbers as text: units always, missing values as dashes, the same width whatever the value.
import { forward as toMgrs } from 'mgrs';

import type { Kind } from '../api/types';
import type { Point } from '../klv/frame_values';

export type CoordinateFormat = 'decimal' | 'dms' | 'mgrs';
export const kCoordinateFormats: readonly CoordinateFormat[] = ['decimal', 'dms', 'mgrs'];

const kMinus = '\u2212';
const kKnotsPerMps = 3600 / 1852;

function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? kMinus + text : text;
}

/** "12.3 m"; "--- m" when it is not known. */
export function quantity(value: number | undefined, digits: number, unit: string): string {
  const text = value === undefined || !Number.isFinite(value) ? '---' : signed(value, digits);
  return unit.startsWith('°') || unit === '%' ? text + unit : `${text} ${unit}`;
}

/** Three figures, 000..359: "071°". */
export function bearing(degrees: number | undefined): string {
  if (degrees === undefined || !Number.isFinite(degrees)) return '---°';
  const whole = ((Math.round(degrees) % 360) + 360) % 360;
  return `${String(whole).padStart(3, '0')}°`;
}

export interface SpeedUnit {
  unit: string;
  perMps: number;
}

/** What the people of each kind of vehicle read. */
export function speedUnit(kind: Kind): SpeedUnit {
  return kind === 'vessel' ? { unit: 'kn', perMps: kKnotsPerMps } : { unit: 'm/s', perMps: 1 };
}

export function speed(mps: number | undefined, kind: Kind): string {
  const { unit, perMps } = speedUnit(kind);
  return quantity(mps === undefined ? undefined : mps * perMps, 1, unit);
}

/** "840 m", "3.42 km". */
export function distance(metres: number | undefined): string {
  if (metres === undefined) return quantity(metres, 0, 'm');
  return metres >= 10_000 ? quantity(metres / 1000, 2, 'km') : quantity(metres, metres < 100 ? 1 : 0, 'm');
}

function dms(degrees: number, width: number): string {
  const tenths = Math.round(Math.abs(degrees) * 36_000);
  const seconds = (tenths % 600) / 10;
  const minutes = Math.floor(tenths / 600) % 60;
  const whole = Math.floor(tenths / 36_000);
  return `${String(whole).padStart(width, '0')}°${String(minutes).padStart(2, '0')}′${seconds.toFixed(1).padStart(4, '0')}″`;
}

/** Latitude and longitude, or one MGRS reference, as separate parts: one a line, or joined. */
export function coordinates(point: Point | undefined, format: CoordinateFormat): string[] {
  if (!point) return format === 'mgrs' ? ['--- -- ----- -----'] : ['---', '---'];
  const { latitude, longitude } = point;
  // MGRS covers 80° S to 84° N; beyond it decimal degrees must do.
  if (format === 'mgrs' && latitude >= -80 && latitude <= 84) {
    const text = toMgrs([longitude, latitude], 5);
    const match = /^(\d{1,2}[A-Z])([A-Z]{2})(\d{5})(\d{5})$/.exec(text);
    return [match ? match.slice(1).join(' ') : text];
  }
  const hemispheres = [latitude < 0 ? 'S' : 'N', longitude < 0 ? 'W' : 'E'];
  if (format === 'dms')
    return [`${dms(latitude, 2)} ${hemispheres[0]}`, `${dms(longitude, 3)} ${hemispheres[1]}`];
  return [
    `${Math.abs(latitude).toFixed(6).padStart(9, '0')}° ${hemispheres[0]}`,
    `${Math.abs(longitude).toFixed(6).padStart(10, '0')}° ${hemispheres[1]}`,
  ];
}

/** "14:03:22.123"; `us` is UTC microseconds. Cut, not rounded: a clock never shows what has not come yet. */
export function utcTime(us: number | undefined, milliseconds = true): string {
  if (us === undefined) return milliseconds ? '--:--:--.---' : '--:--:--';
  return new Date(Math.floor(us / 1000)).toISOString().slice(11, milliseconds ? 23 : 19);
}

/** "2026-11-22". */
export function utcDate(us: number | undefined): string {
  return us === undefined ? '----------' : new Date(Math.floor(us / 1000)).toISOString().slice(0, 10);
}
