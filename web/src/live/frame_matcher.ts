// Finds the message that belongs to a frame: by the frame's RTP timestamp and by nothing else.
import type { Frame } from '../klv/frame';

export const kKeptUs = 4_000_000;
const kRateWindowMs = 10_000;

interface Kept {
  message: Frame;
  arrivedUs: number;
}

/** Messages of about the last four seconds. Map keeps the order of arrival, so the oldest stand in front. */
export class FrameMatcher {
  private readonly kept = new Map<number, Kept>();

  add(message: Frame, nowUs: number): void {
    this.kept.delete(message.rtpTimestamp);
    this.kept.set(message.rtpTimestamp, { message, arrivedUs: nowUs });
    for (const [timestamp, entry] of this.kept) {
      if (nowUs - entry.arrivedUs <= kKeptUs) break;
      this.kept.delete(timestamp);
    }
  }

  find(rtpTimestamp: number): Frame | undefined {
    return this.kept.get(rtpTimestamp)?.message;
  }

  clear(): void {
    this.kept.clear();
  }

  get size(): number {
    return this.kept.size;
  }
}

/** Share of the frames shown in the last ten seconds that had metadata. */
export class MatchRate {
  private frames: { atMs: number; matched: boolean }[] = [];

  shown(matched: boolean, nowMs: number): void {
    this.frames.push({ atMs: nowMs, matched });
    this.forget(nowMs);
  }

  /** The message of the newest shown frame came after it was drawn. */
  lateMatch(): void {
    const newest = this.frames[this.frames.length - 1];
    if (newest) newest.matched = true;
  }

  /** 0..1; undefined when no frame was shown in the window. */
  rate(nowMs: number): number | undefined {
    this.forget(nowMs);
    if (this.frames.length === 0) return undefined;
    return this.frames.filter((frame) => frame.matched).length / this.frames.length;
  }

  /** Frames a second over the window. */
  framesPerSecond(nowMs: number): number {
    this.forget(nowMs);
    const first = this.frames[0];
    if (!first || nowMs <= first.atMs) return 0;
    return ((this.frames.length - 1) * 1000) / (nowMs - first.atMs);
  }

  private forget(nowMs: number): void {
    const firstKept = this.frames.findIndex((frame) => nowMs - frame.atMs <= kRateWindowMs);
    if (firstKept > 0) this.frames = this.frames.slice(firstKept);
    else if (firstKept < 0) this.frames = [];
  }
}
