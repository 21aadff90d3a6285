import { expect, test } from 'vitest';

import { LiveStore } from '../live/live_store';
import { gatherScene } from './scene';
import { Trails } from './trails';

const second = 1_000_000;

function sceneOf(vehicle: object) {
  const live = new LiveStore();
  const nowUs = Date.now() * 1000;
  live.apply(
    { type: 'live', now: nowUs, vehicles: { kestrel: { kind: 'drone', received: nowUs, ...vehicle } } },
    nowUs,
  );
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
