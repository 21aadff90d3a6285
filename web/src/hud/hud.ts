// The head-up display: fixed places, units always, missing values as dashes. It draws what the model holds and keeps
// nothing from one frame to the next.
import { drawAttitude } from './attitude';
import { linkBlock, positionBlock, targetBlock, timeBlock } from './blocks';
import { bearing, speed, speedUnit, utcTime } from './format';
import type { HudModel } from './model';
import { kCaution, Pen, type Box } from './pen';
import type { HudSettings } from './settings';
import { drawHeading, drawTape, type Tape } from './tapes';

/** Below this height of the picture there is room for the small display only. */
export const kSmallBelow = 300;

function textSize(height: number): number {
  return Math.max(10, Math.min(30, height * 0.0265));
}

function speedTape(model: HudModel): Tape {
  const { unit, perMps } = speedUnit(model.kind);
  const mps = model.values?.groundSpeed ?? model.values?.airSpeed;
  const air = model.values?.groundSpeed === undefined && mps !== undefined;
  return {
    label: air ? 'TAS' : model.kind === 'vessel' ? 'SOG' : 'GS',
    unit,
    value: mps === undefined ? undefined : mps * perMps,
    digits: 1,
    tick: 1,
    figures: 5,
    reach: 10,
    lowest: 0,
  };
}

/** The datum is named; which one stands here depends on what the frame says, in this order. */
function altitudeTape(model: HudModel): Tape {
  const { values } = model;
  const found = (
    [
      ['MSL', values?.altitudeMsl],
      ['HAE', values?.altitudeHae],
      ['AGL', values?.altitudeAgl],
    ] as const
  ).find(([, value]) => value !== undefined);
  const low = Math.abs(found?.[1] ?? 0) < 1000;
  return {
    label: found?.[0] ?? 'ALT',
    unit: 'm',
    value: found?.[1],
    digits: low ? 1 : 0,
    tick: 5,
    figures: 20,
    reach: 50,
    lowest: -Infinity,
  };
}

function drawReticle(pen: Pen, x: number, y: number): void {
  const { size } = pen;
  const [near, far] = [size * 0.55, size * 1.5];
  pen.line([x - far, y, x - near, y]);
  pen.line([x + near, y, x + far, y]);
  pen.line([x, y - far, x, y - near]);
  pen.line([x, y + near, x, y + far]);
}

function cameraAzimuthTrue(model: HudModel): number | undefined {
  const { heading, cameraAzimuth } = model.values ?? {};
  return heading === undefined || cameraAzimuth === undefined ? undefined : (heading + cameraAzimuth) % 360;
}

function underTape(pen: Pen, text: string, x: number, y: number, align: 'left' | 'right'): void {
  pen.text(text, x, y + pen.size * 0.9, align, undefined, 0.9);
}

/** `box`: where the picture is, in the canvas's pixels. */
export function drawHud(
  context: CanvasRenderingContext2D,
  box: Box,
  model: HudModel,
  settings: HudSettings,
): void {
  if (!settings.on) return;
  if (box.height < kSmallBelow) {
    drawSmallHud(context, box, model, settings);
    return;
  }
  const { groups } = settings;
  const pen = new Pen(context, textSize(box.height));
  const { size } = pen;
  const margin = size * 0.7;
  const inner = {
    x: box.x + margin,
    y: box.y + margin,
    width: box.width - 2 * margin,
    height: box.height - 2 * margin,
  };
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const tape = { y: y - box.height * 0.19, width: size * 5, height: box.height * 0.38 };
  const [speedX, altitudeX] = [box.x + box.width * 0.13, box.x + box.width * 0.87 - tape.width];

  if (groups.attitude) drawAttitude(pen, model, x, y, box.height * 0.235);
  if (groups.reticle) drawReticle(pen, x, y);
  if (groups.heading) {
    const width = box.width * 0.36;
    const tapeBox = { x: x - width / 2, y: inner.y, width, height: size * 2 };
    drawHeading(pen, model.values?.heading, cameraAzimuthTrue(model), tapeBox);
  }
  if (groups.speed) {
    drawTape(pen, speedTape(model), { x: speedX, ...tape }, 'left');
    underTape(
      pen,
      `CRS ${bearing(model.values?.course)}`,
      speedX + tape.width,
      tape.y + tape.height,
      'right',
    );
  }
  if (groups.altitude) {
    drawTape(pen, altitudeTape(model), { x: altitudeX, ...tape }, 'right');
    const agl = model.values?.altitudeAgl;
    const text = agl === undefined ? 'AGL --- m' : `AGL ${agl.toFixed(1)} m`;
    underTape(pen, text, altitudeX, tape.y + tape.height, 'left');
  }
  if (groups.link) linkBlock(pen, model, inner);
  if (groups.position) positionBlock(pen, model, settings.coordinates, inner);
  if (groups.target) targetBlock(pen, model, settings.coordinates, inner);
  if (groups.time) timeBlock(pen, model, inner);
  if (model.notice) pen.text(model.notice, x, y + box.height * 0.1, 'center', kCaution, 1.3);
}

/** For tiles and insets: one line on top, one at the bottom. */
function drawSmallHud(
  context: CanvasRenderingContext2D,
  box: Box,
  model: HudModel,
  settings: HudSettings,
): void {
  const pen = new Pen(context, Math.max(10, Math.min(13, box.height * 0.05)));
  const { size } = pen;
  const { values } = model;
  const [left, right, middle] = [box.x + size * 0.6, box.x + box.width - size * 0.6, box.x + box.width / 2];
  const [top, bottom] = [box.y + size, box.y + box.height - size];
  if (settings.groups.reticle) drawReticle(pen, middle, box.y + box.height / 2);
  if (settings.groups.heading) pen.text(bearing(values?.heading), middle, top, 'center');
  const altitude = altitudeTape(model);
  const altitudeText = altitude.value === undefined ? '---' : altitude.value.toFixed(0);
  if (settings.groups.speed) pen.text(speed(values?.groundSpeed, model.kind), left, top);
  if (settings.groups.altitude) pen.text(`${altitudeText} m ${altitude.label}`, right, top, 'right');
  if (settings.groups.time) pen.text(utcTime(model.utcUs), right, bottom, 'right');
  if (model.notice) pen.text(model.notice, left, bottom, 'left', kCaution);
}
