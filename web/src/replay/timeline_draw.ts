// Draws the timeline: a ruler, a row of marks, a lane for each camera, the loop, the playhead. Keeps nothing.
import type { Mark } from './marks';
import type { Lane } from './recordings_api';
import type { Span } from './replay_state';
import { ticks, usAt, widthOf, xOf } from './timeline_scale';

export const kRulerPx = 22;
export const kMarksPx = 22;
export const kLanePx = 26;

const kInk = '#dfe6ea';
const kDim = '#93a1ab';
const kLine = 'rgba(147, 161, 171, 0.14)';
const kAccent = '#6fb7f2';
const kBar = '#3f6a8e';
const kQuietBar = '#3d4a52';
const kCaution = '#f2b04c';
const kFont = "11px 'Inter Variable', system-ui, sans-serif";

/** A stretch of a lane in which something was found. */
export interface Hit extends Span {
  lane: number;
}

export interface TimelineScene {
  view: Span;
  lanes: readonly Lane[];
  marks: readonly Mark[];
  hits: readonly Hit[];
  /** Capture times of the shown camera's frames, where they can be told apart. */
  frames: readonly number[];
  shown: number;
  others: readonly number[];
  loop: Span | undefined;
  playheadUs: number | undefined;
  hoverX: number | undefined;
  nowUs: number;
}

type Context = CanvasRenderingContext2D;

export const laneTop = (index: number) => kRulerPx + kMarksPx + index * kLanePx;
export const heightFor = (lanes: number) => laneTop(lanes) + 4;

function drawRuler(context: Context, { view }: TimelineScene, width: number, height: number): void {
  context.font = kFont;
  context.textBaseline = 'middle';
  for (const { us, label, isMajor } of ticks(view, width)) {
    const x = Math.round(xOf(view, width, us)) + 0.5;
    context.fillStyle = isMajor ? 'rgba(147, 161, 171, 0.35)' : kLine;
    context.fillRect(x, kRulerPx - 6, 1, height - kRulerPx + 6);
    context.fillStyle = isMajor ? kInk : kDim;
    if (label) context.fillText(label, x + 5, kRulerPx / 2);
  }
}

function drawLane(context: Context, scene: TimelineScene, width: number, index: number): void {
  const lane = scene.lanes[index];
  if (!lane) return;
  const { view, shown, others } = scene;
  const top = laneTop(index);
  const isShown = index === shown;
  context.fillStyle = isShown ? 'rgba(111, 183, 242, 0.07)' : 'rgba(147, 161, 171, 0.04)';
  context.fillRect(0, top + 1, width, kLanePx - 2);
  context.fillStyle = isShown ? kAccent : others.includes(index) ? kBar : kQuietBar;
  for (const { fromUs, toUs } of lane.ranges) {
    if (toUs <= view.fromUs || fromUs >= view.toUs) continue;
    const [left, right] = [
      Math.max(-1, xOf(view, width, fromUs)),
      Math.min(width + 1, xOf(view, width, toUs)),
    ];
    context.beginPath();
    context.roundRect(left, top + 6, Math.max(1.5, right - left), kLanePx - 12, 2);
    context.fill();
  }
}

function drawHits(context: Context, { view, hits }: TimelineScene, width: number): void {
  context.fillStyle = kCaution;
  for (const { lane, fromUs, toUs } of hits) {
    const left = xOf(view, width, fromUs);
    const right = Math.max(left + 3, xOf(view, width, toUs));
    if (right > 0 && left < width) context.fillRect(left, laneTop(lane) + kLanePx - 6, right - left, 3);
  }
}

/** Each frame begins at its line. */
function drawFrames(context: Context, { view, frames, shown }: TimelineScene, width: number): void {
  if (shown < 0) return;
  context.fillStyle = 'rgba(8, 12, 15, 0.55)';
  for (const us of frames)
    context.fillRect(Math.round(xOf(view, width, us)), laneTop(shown) + 6, 1, kLanePx - 12);
}

function traceMark(context: Context, { type, level }: Mark, x: number, end: number): void {
  const middle = kRulerPx + kMarksPx / 2;
  if (type === 'bookmark') {
    context.moveTo(x - 4, middle - 5);
    context.lineTo(x + 4, middle - 5);
    context.lineTo(x + 4, middle + 5);
    context.lineTo(x, middle + 2);
    context.lineTo(x - 4, middle + 5);
    context.closePath();
    context.rect(x, middle - 5, end - x, 2);
  } else if (type === 'command') {
    context.rect(x - 3.5, middle - 3.5, 7, 7);
  } else if (type === 'mode') {
    context.moveTo(x, middle - 5);
    context.lineTo(x + 4.5, middle);
    context.lineTo(x, middle + 5);
    context.lineTo(x - 4.5, middle);
    context.closePath();
  } else if (level === 'caution') {
    context.moveTo(x, middle - 5);
    context.lineTo(x + 5, middle + 4);
    context.lineTo(x - 5, middle + 4);
    context.closePath();
  } else {
    context.arc(x, middle, 3, 0, 2 * Math.PI);
  }
}

/** Where several marks fall on one place, the gravest is seen. */
function drawMarks(context: Context, { view, marks }: TimelineScene, width: number): void {
  for (const level of ['info', 'caution'] as const) {
    for (const mark of marks) {
      if (mark.level !== level) continue;
      const x = xOf(view, width, mark.us);
      const end = mark.toUs === undefined ? x : xOf(view, width, mark.toUs);
      if (end < -6 || x > width + 6) continue;
      context.beginPath();
      traceMark(context, mark, x, end);
      context.fillStyle = level === 'caution' ? kCaution : mark.type === 'bookmark' ? kAccent : kDim;
      context.fill();
    }
  }
}

function drawLoop(context: Context, { view, loop }: TimelineScene, width: number, height: number): void {
  if (!loop) return;
  const [left, right] = [xOf(view, width, loop.fromUs), xOf(view, width, loop.toUs)];
  context.fillStyle = 'rgba(242, 176, 76, 0.10)';
  context.fillRect(left, kRulerPx, right - left, height - kRulerPx);
  context.fillStyle = kCaution;
  context.fillRect(left, kRulerPx - 3, right - left, 2);
  for (const x of [left, right]) context.fillRect(x - 1, kRulerPx - 8, 2, height - kRulerPx + 8);
}

function drawPlayhead(
  context: Context,
  { view, playheadUs }: TimelineScene,
  width: number,
  height: number,
): void {
  if (playheadUs === undefined) return;
  const x = Math.round(xOf(view, width, playheadUs));
  context.fillStyle = 'rgba(8, 12, 15, 0.7)';
  context.fillRect(x - 2, 8, 5, height - 8);
  context.fillStyle = kInk;
  context.fillRect(x, 8, 1, height - 8);
  context.beginPath();
  context.moveTo(x - 5.5, 2);
  context.lineTo(x + 6.5, 2);
  context.lineTo(x + 6.5, 9);
  context.lineTo(x + 0.5, 15);
  context.lineTo(x - 5.5, 9);
  context.closePath();
  context.fill();
}

export function drawTimeline(context: Context, scene: TimelineScene, width: number, height: number): void {
  const { view, nowUs, hoverX } = scene;
  context.clearRect(0, 0, width, height);
  scene.lanes.forEach((_lane, index) => drawLane(context, scene, width, index));
  drawFrames(context, scene, width);
  drawHits(context, scene, width);
  drawRuler(context, scene, width, height);
  const nowX = xOf(view, width, nowUs);
  if (nowX < width) {
    context.fillStyle = 'rgba(0, 0, 0, 0.28)';
    context.fillRect(Math.max(0, nowX), kRulerPx, width - nowX, height);
  }
  drawLoop(context, scene, width, height);
  drawMarks(context, scene, width);
  if (hoverX !== undefined) {
    context.fillStyle = 'rgba(223, 230, 234, 0.35)';
    context.fillRect(Math.round(hoverX), kRulerPx, 1, height - kRulerPx);
  }
  drawPlayhead(context, scene, width, height);
}

const kMarkReachPx = 7;

/** The marks under the pointer. */
export function marksAt(view: Span, marks: readonly Mark[], width: number, x: number): Mark[] {
  const reach = (widthOf(view) * kMarkReachPx) / width;
  const us = usAt(view, width, x);
  return marks.filter((mark) => mark.us - reach <= us && us <= (mark.toUs ?? mark.us) + reach);
}
