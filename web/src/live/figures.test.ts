import { expect, test } from 'vitest';

import type { ViewerFigures } from '../api/types';
import type { Frame } from '../klv/frame';
import { browserFigures, browserRows, glassToGlass, serverRows, viewerSeen } from './figures';
import type { ShownFrame } from './frame_pump';

const kFigures: ViewerFigures = {
  bitrate_bps: 2_050_000,
  bytes_sent: 1,
  packets_sent: 1000,
  packets_resent: 2,
  packets_lost: 3,
  loss: 0.015,
  round_trip_ms: 1.25,
  key_frame_requests: 4,
  resend_requests: 5,
  dropped_frames: 6,
  address_kind: 'prflx',
  transport: 'udp',
};

test('figures that the server told some time ago are not shown', () => {
  expect(serverRows(kFigures, 100)[0]?.[1]).toBe('2.05 Mbit/s');
  expect(serverRows(kFigures, 100)[1]?.[1]).toBe('1.5 % now, 3 of 1000');
  expect(new Set(serverRows(kFigures, 7_000).map(([, value]) => value))).toEqual(new Set(['---']));
});

test('the jitter buffer is that of the latest frames, not of all', () => {
  const at = (delay: number, frames: number) => [
    { type: 'inbound-rtp', kind: 'video', jitterBufferDelay: delay, jitterBufferEmittedCount: frames },
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.004 },
  ];
  const first = browserFigures(at(10, 100), undefined);
  const second = browserFigures(at(10.3, 110), first);
  expect(second.jitterBufferMs).toBeCloseTo(30);
  expect(second.roundTripMs).toBeCloseTo(4);
  expect(browserFigures(at(10.3, 110), second).jitterBufferMs).toBeUndefined();
});

test('glass to glass says how far off it can be, and nothing without the times', () => {
  const frame = { timeErrorUs: 2_000 } as Frame;
  expect(glassToGlass(frame, 1_000_000, 1_038_000, 5)).toEqual({ ms: 38, errorMs: 7 });
  expect(glassToGlass(frame, undefined, 1_038_000, 5)).toBeUndefined();
  expect(glassToGlass(frame, 1_000_000, 1_038_000, undefined)).toBeUndefined();
  expect(browserRows(undefined, { ms: 38, errorMs: 7 })[0]?.[1]).toBe('38 ms ±7');
});

test('the server is told how often the picture stood still, and how late it is where that is known', () => {
  const entries = [
    { type: 'inbound-rtp', kind: 'video', freezeCount: 2, totalFreezesDuration: 0.7 },
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.002 },
  ];
  expect(viewerSeen(entries, undefined, 0)).toEqual({ freezes: 2, frozen_ms: 700 });
  const captured = (performance.timeOrigin + 1000) * 1000;
  const frame = { utcUs: captured, timeErrorUs: 0, timeMethod: 'sei' } as unknown as Frame;
  const shown = { frame, shownAtMs: 1120 } as ShownFrame;
  expect(viewerSeen(entries, shown, 0)).toEqual({ freezes: 2, frozen_ms: 700, glass_to_glass_ms: 120 });
  expect(viewerSeen(entries, shown, -1e6)).not.toHaveProperty('glass_to_glass_ms');
  expect(viewerSeen(entries, shown, undefined)).not.toHaveProperty('glass_to_glass_ms');
});
