// Which numbers stand beside the picture, in which order and form.
import type { Kind, Telemetry } from '../api/types';
import { bearing, coordinates, quantity, speed, type CoordinateFormat } from '../hud/format';
import {
  freshness,
  oldestMs,
  youngTelemetry,
  kStaleMs,
  type Field,
  type Freshness,
  type Heard,
} from './freshness';

export interface Row {
  label: string;
  /** Undefined: the vehicle does not say, or said it too long ago. */
  value: string | undefined;
  /** Of the oldest number in `value`, or of what it was. */
  ageMs: number | undefined;
  freshness: Freshness;
}

/** Rows that belong together. */
export type RowGroup = readonly Row[];

/** A row as a rule: the fields it is made of, and how they are written. */
interface Rule {
  label: string;
  fields: readonly Field[];
  write: (telemetry: Telemetry) => string | undefined;
}

const known = <T>(value: T | undefined, format: (value: T) => string) =>
  value === undefined ? undefined : format(value);

type NumberField = { [K in Field]: Telemetry[K] extends number | undefined ? K : never }[Field];

const number = (label: string, field: NumberField, format: (value: number) => string): Rule => ({
  label,
  fields: [field],
  write: (telemetry) => known(telemetry[field], format),
});
const metres = (label: string, field: NumberField) => number(label, field, (m) => quantity(m, 1, 'm'));
const degrees = (label: string, field: NumberField) => number(label, field, (d) => quantity(d, 1, '°'));

function position(format: CoordinateFormat): Rule[] {
  const line = (label: string, index: number): Rule => ({
    label,
    fields: ['latitude_deg', 'longitude_deg'],
    write: ({ latitude_deg: latitude, longitude_deg: longitude }) =>
      latitude === undefined || longitude === undefined
        ? undefined
        : coordinates({ latitude, longitude }, format)[index],
  });
  return format === 'mgrs' ? [line('MGRS', 0)] : [line('Latitude', 0), line('Longitude', 1)];
}

function motion(kind: Kind): Rule[] {
  const fast = (label: string, field: NumberField) => number(label, field, (mps) => speed(mps, kind));
  const rules: Rule[] = [
    fast(kind === 'vessel' ? 'SOG' : 'Ground speed', 'ground_speed_mps'),
    number(kind === 'vessel' ? 'COG' : 'Course', 'course_deg', bearing),
    number('Heading', 'heading_deg', bearing),
  ];
  if (kind === 'vessel') return [...rules, fast('Through water', 'water_speed_mps')];
  return [
    ...rules,
    fast('Air speed', 'air_speed_mps'),
    number('Climb', 'climb_mps', (mps) => quantity(mps, 1, 'm/s')),
  ];
}

const kMode: Rule = { label: 'Mode', fields: ['mode'], write: ({ mode }) => mode };
const kArmed: Rule = {
  label: 'Armed',
  fields: ['armed'],
  write: ({ armed }) => known(armed, (value) => (value ? 'ARMED' : 'safe')),
};
const kBattery: Rule = {
  label: 'Battery',
  fields: ['battery_percent', 'battery_v'],
  write: ({ battery_percent, battery_v }) => {
    const parts = [
      known(battery_percent, (value) => quantity(value, 0, '%')),
      known(battery_v, (value) => quantity(value, 1, 'V')),
    ].filter((part) => part !== undefined);
    return parts.length > 0 ? parts.join(' · ') : undefined;
  },
};
const kWind: Rule = {
  label: 'True wind',
  fields: ['wind_direction_deg', 'wind_speed_mps'],
  write: ({ wind_direction_deg, wind_speed_mps }) =>
    known(wind_speed_mps, (mps) => `${bearing(wind_direction_deg)} ${speed(mps, 'vessel')}`),
};

function rules(kind: Kind, format: CoordinateFormat): Rule[][] {
  const status =
    kind === 'drone'
      ? [kMode, kArmed, kBattery, number('Satellites', 'satellites', String)]
      : [kMode, kBattery];
  const vertical =
    kind === 'drone'
      ? [
          metres('Altitude MSL', 'altitude_msl_m'),
          metres('above ground', 'altitude_agl_m'),
          metres('HAE', 'altitude_hae_m'),
        ]
      : [metres('Depth', 'depth_m'), kWind];
  const attitude = [degrees('Pitch', 'pitch_deg'), degrees('Roll', 'roll_deg')];
  return [status, motion(kind), vertical, attitude, position(format)];
}

export function telemetryRows(heard: Heard, nowUs: number, kind: Kind, format: CoordinateFormat): RowGroup[] {
  const young = { ...heard, telemetry: youngTelemetry(heard, nowUs, kStaleMs) ?? { time: 0 } };
  return rules(kind, format).map((group) =>
    group.map(({ label, fields, write }) => {
      const value = write(young.telemetry);
      const ageMs = oldestMs(value === undefined ? heard : young, fields, nowUs);
      return { label, value, ageMs, freshness: freshness(ageMs) };
    }),
  );
}
