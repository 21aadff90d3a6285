import { expect, test } from 'vitest';

import { kStaleMs, type Heard } from './freshness';
import { telemetryRows } from './telemetry_rows';

const second = 1_000_000;
const nowUs = 1000 * second;

function row(heard: Heard, label: string) {
  return telemetryRows(heard, nowUs, 'drone', 'decimal')
    .flat()
    .find((each) => each.label === label);
}

const heard: Heard = {
  received: nowUs - 0.2 * second,
  received_fields: {
    battery_percent: nowUs - 40 * second,
    mode: nowUs - 4 * second,
    latitude_deg: nowUs - 3 * second,
  },
  telemetry: { time: 1, roll_deg: 2, battery_percent: 40, mode: 'AUTO', latitude_deg: 54, longitude_deg: 10 },
};

test('a value that stopped is taken away with its age while others stay fresh', () => {
  expect(row(heard, 'Battery')).toMatchObject({ value: undefined, ageMs: 40_000, freshness: 'stale' });
  expect(row(heard, 'Mode')).toMatchObject({ value: 'AUTO', ageMs: 4000, freshness: 'ageing' });
  expect(row(heard, 'Roll')).toMatchObject({ value: '2.0°', ageMs: 200, freshness: 'fresh' });
  expect(row(heard, 'Pitch')).toMatchObject({ value: undefined, ageMs: undefined, freshness: 'never' });
});

test('a row of several values is as old as the oldest it shows, and shows none that stopped', () => {
  const telemetry = { ...heard.telemetry, time: 1, battery_v: 14.8 };
  expect(row({ ...heard, telemetry }, 'Battery')).toMatchObject({ value: '14.8 V', ageMs: 200 });
  expect(row(heard, 'Latitude')).toMatchObject({ ageMs: 3000, freshness: 'ageing' });
});

test('nothing is shown of a link that is stale as a whole', () => {
  const silent = { ...heard, received: nowUs - kStaleMs * 1000 };
  for (const { value } of telemetryRows(silent, nowUs, 'drone', 'decimal').flat()) {
    expect(value).toBeUndefined();
  }
});
