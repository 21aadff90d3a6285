// The segments of a playlist on the clock: which one holds an instant, and where nothing was recorded.
import type { SegmentFrame } from './segment_frames';
import type { SegmentPlace } from './segment_store';

export interface RecordedSegment {
  place: SegmentPlace;
  /** Capture time of its first frame, as the playlist says it: to the millisecond. */
  utcUs: number;
  durationUs: number;
  /** Changes with every gap or new run. */
  run: number;
}

/** The playlist rounds to milliseconds, and sums up to less than another one. */
export const kPlaylistSlackUs = 2000;

/** Index of the newest segment that may hold the instant; -1: all are later. Clocks may step back between runs. */
export function segmentAt(segments: readonly RecordedSegment[], utcUs: number): number {
  let best = -1;
  for (let index = 0; index < segments.length; index += 1) {
    const segment = segments[index];
    if (!segment || segment.utcUs - kPlaylistSlackUs > utcUs) continue;
    if (best < 0 || segment.utcUs >= (segments[best]?.utcUs ?? 0)) best = index;
  }
  return best;
}

/** How long after a segment's stated end an instant still belongs to it: its last frame is shown until the next one. */
const kTailUs = 250_000;

export const endsBefore = (segment: RecordedSegment, utcUs: number) =>
  segment.utcUs + segment.durationUs + kTailUs < utcUs;

/** Index of the newest frame that was captured at `utcUs` or before; -1: all are later, or do not say. */
export function frameAt(frames: readonly SegmentFrame[], utcUs: number): number {
  let best = -1;
  frames.forEach(({ message }, index) => {
    if (!message || message.timeMethod === 'none' || message.utcUs > utcUs) return;
    if (best < 0 || message.utcUs >= (frames[best]?.message?.utcUs ?? 0)) best = index;
  });
  return best;
}

/** For files that do not say when their frames were captured: by PTS from the segment's own time. */
export function frameByPts(frames: readonly SegmentFrame[], sinceStartUs: number): number {
  const first = frames[0];
  if (!first) return -1;
  const ticks = (sinceStartUs * 9) / 100;
  let best = 0;
  frames.forEach(({ pts }, index) => {
    if (pts - first.pts <= ticks) best = index;
  });
  return best;
}

/** Capture times of the frames inside of a span, of segments whose frames are known. */
export function framesIn(
  segments: readonly RecordedSegment[],
  framesOf: (place: SegmentPlace) => readonly SegmentFrame[] | undefined,
  fromUs: number,
  toUs: number,
): number[] {
  const found: number[] = [];
  for (const segment of segments) {
    if (segment.utcUs > toUs || endsBefore(segment, fromUs)) continue;
    for (const { message } of framesOf(segment.place) ?? []) {
      if (message && message.utcUs >= fromUs && message.utcUs < toUs) found.push(message.utcUs);
    }
  }
  return found;
}
