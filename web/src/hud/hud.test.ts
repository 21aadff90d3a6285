import { expect, test } from 'vitest';

import type { Frame } from '../klv/frame';
import { kHudLinkStaleMs } from '../live/freshness';
import { drawHud } from './hud';
import { hudLink, hudModel, type HudLink } from './model';
import type { HudSettings } from './settings';
import { turn } from './tapes';

const all: HudSettings = {
  on: true,
  coordinates: 'decimal',
  groups: {
    attitude: true,
    heading: true,
    speed: true,
    altitude: true,
    position: true,
    target: true,
    time: true,
    link: true,
    reticle: true,
  },
};

globalThis.Path2D ??= class {
  moveTo() {}
  lineTo() {}
  arc() {}
  rect() {}
  closePath() {}
} as unknown as typeof Path2D;

/** Everything that the display writes. */
function written(frame: Frame | undefined, link?: HudLink, settings = all, height = 720): string[] {
  const texts: string[] = [];
  const context = new Proxy(
    { fillText: (text: string) => texts.push(text), measureText: () => ({ width: 10 }) } as Record<
      string,
      unknown
    >,
    { get: (target, key) => target[key as string] ?? (() => undefined), set: () => true },
  ) as unknown as CanvasRenderingContext2D;
  const box = { x: 0, y: 0, width: (height * 16) / 9, height };
  drawHud(context, box, hudModel('drone', 'Kestrel · gimbal', frame, link), settings);
  return texts;
}

const frame = {
  rtpTimestamp: 1,
  seq: 1,
  timeMethod: 'sei',
  valueMethod: 'interpolated',
  utcUs: Date.UTC(2026, 10, 22, 14, 3, 22, 123) * 1000,
  positionErrorM: 0.42,
  angleErrorDeg: 0.2,
  values: {
    heading: 71.4,
    groundSpeed: 12.3,
    altitudeHae: 101.5,
    position: { latitude: 54.3721, longitude: 10.1876 },
    slantRange: 812,
    doubtful: false,
  },
} as unknown as Frame;

test('shows the frame’s own values with their units, and names the datum', () => {
  const texts = written(frame);
  expect(texts).toEqual(
    expect.arrayContaining(
      ['071°', '12.3', 'GS m/s', '101.5', 'HAE m', '54.372100° N'.padStart(16)].slice(0, 5),
    ),
  );
  expect(texts.some((text) => text.includes('54.372100° N'))).toBe(true);
  expect(texts.some((text) => text.includes('2026-11-22 14:03:22.123'))).toBe(true);
  expect(texts.some((text) => text.includes('SEI · INTERPOLATED ±0.4 m ±0.2°'))).toBe(true);
});

test('without metadata there is no number left of any frame, and it says so', () => {
  const texts = written(undefined);
  expect(texts).toContain('NO METADATA');
  expect(texts.filter((text) => /\d/.test(text))).toEqual([]);
});

test('values of the link are marked as such, with their age, and need no frame', () => {
  const texts = written(undefined, { ageMs: 400, batteryPercent: 87, mode: 'AUTO', armed: true });
  expect(texts).toEqual(expect.arrayContaining(['AUTO · ARMED · 87%', 'LINK 0.4 s']));
});

test('stale link values are gone', () => {
  const live = {
    kind: 'drone' as const,
    cameras: {},
    received: 1_000_000,
    telemetry: { time: 1, mode: 'AUTO' },
  };
  expect(hudLink(live, 1_000_000 + kHudLinkStaleMs * 1000)).toMatchObject({ mode: 'AUTO' });
  expect(hudLink(live, 1_000_001 + kHudLinkStaleMs * 1000)).toBeUndefined();
  expect(hudLink(undefined, 0)).toBeUndefined();
});

test('a link value that stopped is gone while the others go on, and the age is that of the oldest shown', () => {
  const second = 1_000_000;
  const live = {
    kind: 'drone' as const,
    cameras: {},
    received: 100 * second,
    received_fields: { battery_percent: 80 * second, mode: 96 * second },
    telemetry: { time: 1, mode: 'AUTO', armed: true, battery_percent: 40 },
  };
  expect(hudLink(live, 100.4 * second)).toEqual({ mode: 'AUTO', armed: true, ageMs: 4400 });
  expect(written(undefined, hudLink(live, 100.4 * second))).toContain('AUTO · ARMED · ---%');
});

test('a group that is switched off writes nothing', () => {
  const texts = written(frame, undefined, { ...all, groups: { ...all.groups, speed: false } });
  expect(texts).not.toContain('12.3');
  expect(written(frame, undefined, { ...all, on: false })).toEqual([]);
});

test('a small picture gets the small display', () => {
  const texts = written(frame, undefined, all, 200);
  expect(texts).toEqual(expect.arrayContaining(['12.3 m/s', '102 m HAE', '14:03:22.123']));
  expect(texts.length).toBeLessThan(8);
});

test('turns go the short way round', () => {
  expect(turn(350, 10)).toBe(20);
  expect(turn(10, 350)).toBe(-20);
  expect(turn(0, 180)).toBe(-180);
});
