// Which recorded frame is at which time of the media element. hls.js packs a segment's samples anew and may move some of
// them in time where segments meet, so the times are read from the very bytes that go into the source buffer: sample n
// of a segment is frame n of it.
import { lastUpTo } from './ordered';
import type { SegmentFrame } from './segment_frames';

const kTicksPerS = 90_000; // hls.js keeps MPEG-TS's clock for video tracks.
/** Media times are microseconds in the browser, so a sample's time comes back to within rounding. */
const kToleranceS = 0.0005;

type Box = { type: string; body: DataView };

function* boxes(view: DataView): Generator<Box> {
  for (let at = 0; at + 8 <= view.byteLength;) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > view.byteLength) return;
    const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)));
    yield { type, body: new DataView(view.buffer, view.byteOffset + at + 8, size - 8) };
    at += size;
  }
}

const find = (view: DataView, type: string): DataView | undefined =>
  [...boxes(view)].find((box) => box.type === type)?.body;

/** Samples of a track run with duration, size, flags and composition offset each, as hls.js writes it. */
const kRunFlags = 0x000f01;
const kSampleBytes = 16;

/** Presentation times in seconds of the samples of a movie fragment (ISO/IEC 14496-12), in decoding order. */
export function sampleTimes(data: Uint8Array): number[] {
  const moof = find(new DataView(data.buffer, data.byteOffset, data.byteLength), 'moof');
  const traf = moof && find(moof, 'traf');
  const [tfdt, trun] = traf ? [find(traf, 'tfdt'), find(traf, 'trun')] : [];
  if (!tfdt || !trun || tfdt.byteLength < 12 || tfdt.getUint8(0) !== 1 || trun.byteLength < 12) return [];
  const count = trun.getUint32(4);
  if ((trun.getUint32(0) & 0xffffff) !== kRunFlags || trun.byteLength < 12 + count * kSampleBytes) return [];
  let decodeTicks = tfdt.getUint32(4) * 2 ** 32 + tfdt.getUint32(8);
  return Array.from({ length: count }, (_, index) => {
    const at = 12 + index * kSampleBytes;
    const time = (decodeTicks + trun.getInt32(at + 12)) / kTicksPerS;
    decodeTicks += trun.getUint32(at);
    return time;
  });
}

/** A frame, where it stands in the recording, and when the media element shows it. */
export interface PlacedFrame {
  /** Index of its segment in the playlist, and its own within that. */
  segment: number;
  index: number;
  frame: SegmentFrame;
  timeS: number;
}

/** Far more than a media element keeps. */
const kMostSegments = 1000;

export class AppendedFrames {
  private readonly segments = new Map<number, PlacedFrame[]>();

  /**
   * `frames` in the order in which they are shown, `data` what is appended of them, `offsetS` the source buffer's offset
   * of time stamps. Nothing is kept when samples and frames do not correspond.
   */
  add(segment: number, frames: readonly SegmentFrame[], data: Uint8Array, offsetS: number): void {
    const times = sampleTimes(data)
      .map((time) => time + offsetS)
      .sort((a, b) => a - b);
    if (times.length === 0) return;
    this.segments.delete(segment);
    if (times.length !== frames.length) return;
    const placed = frames.map((frame, index) => ({ segment, index, frame, timeS: times[index] ?? NaN }));
    this.segments.set(segment, placed);
    const [oldest] = this.segments.keys();
    if (this.segments.size > kMostSegments && oldest !== undefined) this.segments.delete(oldest);
  }

  placed(segment: number, index: number): PlacedFrame | undefined {
    return this.segments.get(segment)?.[index];
  }

  /** The frame that begins at this media time: that very one, or none. */
  at(timeS: number): PlacedFrame | undefined {
    let best: PlacedFrame | undefined;
    for (const frames of this.segments.values()) {
      const [first, last] = [frames[0], frames[frames.length - 1]];
      if (!first || !last || timeS < first.timeS - kToleranceS || timeS > last.timeS + kToleranceS) continue;
      const nearest = nearestFrame(frames, timeS);
      const distance = nearest ? Math.abs(nearest.timeS - timeS) : Infinity;
      if (distance > kToleranceS) continue;
      if (best && distance >= Math.abs(best.timeS - timeS)) continue;
      best = nearest;
    }
    return best;
  }
}

function nearestFrame(frames: readonly PlacedFrame[], timeS: number): PlacedFrame | undefined {
  const at = lastUpTo(frames, (frame) => frame.timeS, timeS);
  const [before, after] = [frames[at], frames[at + 1]];
  const isAfter = after && (!before || after.timeS - timeS < timeS - before.timeS);
  return isAfter ? after : before;
}
