import { expect, test } from 'vitest';

import { LiveStore } from '../live/live_store';
import { encounterText, gatherScene } from './scene';
import { Trails } from './trails';

const second = 1_000_000;

function sceneOf(vehicle: object, update: object = {}) {
  const live = new LiveStore();
  const nowUs = Date.now() * 1000;
  const vehicles = { kestrel: { kind: 'drone', received: nowUs, ...vehicle } };
  live.apply({ type: 'live', now: nowUs, vehicles, ...update }, nowUs);
  return gatherScene({
    live,
    trails: new Trails(),
    selected: undefined,
    names: new Map(),
    shownValues: () => undefined,
  });
}

const nowUs = Date.now() * 1000;
const telemetry = { time: nowUs, latitude_deg: 54, longitude_deg: 10, heading_deg: 90, roll_deg: 1 };

test('a position that stopped is stale, though the vehicle says other things', () => {
  const old = nowUs - 60 * second;
  const received_fields = { latitude_deg: old, longitude_deg: old };
  expect(sceneOf({ telemetry }).vehicles[0]).toMatchObject({ stale: false, heading: 90 });
  expect(sceneOf({ telemetry, received_fields }).vehicles[0]).toMatchObject({ stale: true, heading: 90 });
});

test('a heading that stopped is not drawn at a position that goes on', () => {
  const received_fields = { heading_deg: nowUs - 60 * second };
  expect(sceneOf({ telemetry, received_fields }).vehicles[0]).toMatchObject({
    stale: false,
    heading: undefined,
  });
});

test('the footprint of a camera that now looks above the horizon is gone', () => {
  const camera = { received: nowUs, telemetry: { time: nowUs, frame_center: [54, 10] } };
  const received_fields = { frame_center: nowUs - 60 * second };
  expect(sceneOf({ cameras: { nose: camera } }).footprints).toHaveLength(1);
  expect(sceneOf({ cameras: { nose: { ...camera, received_fields } } }).footprints).toEqual([]);
});

test('a target that comes too near says with whom, and the soonest of several', () => {
  const encounter = {
    target: '211',
    fleet: false,
    distance_m: 900,
    bearing_deg: 90,
    cpa_m: 40,
    since: nowUs,
  };
  const encounters = [
    { ...encounter, vehicle: 'merlin', tcpa_s: 185 },
    { ...encounter, vehicle: 'kestrel', tcpa_s: 65 },
    { ...encounter, vehicle: 'kestrel', target: 'merlin', fleet: true, tcpa_s: 5 },
  ];
  const traffic = { 211: { received: nowUs, telemetry }, 244: { received: nowUs, telemetry } };
  const targets = sceneOf({ telemetry }, { traffic, encounters }).targets;
  expect(targets.map(({ mmsi, encounter: with_ }) => [mmsi, with_?.vehicle])).toEqual([
    ['211', 'kestrel'],
    ['244', undefined],
  ]);
  expect(encounterText(targets[0]!.encounter!)).toBe('CPA 40 m in 1:05');
});
