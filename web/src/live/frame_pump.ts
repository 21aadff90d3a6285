// From the video element to shown frames: takes each presented picture together with its RTP timestamp, finds its
// metadata, and hands both out in one call.
//
// Where the browser has VideoFrame.metadata(), the picture and its timestamp are taken atomically. Elsewhere the
// timestamp is that of requestVideoFrameCallback, which on a busy page can be one frame older than the pixels.
import type { Frame } from '../klv/frame';
import type { FrameMatcher } from './frame_matcher';

/** How long a new picture may wait for its message while the frames before it had theirs. */
export const kLateMessageMs = 50;

export interface ShownFrame {
  /** Valid until the next frame is shown. Nothing: the video element itself is what is seen. */
  picture: VideoFrame | undefined;
  rtpTimestamp: number | undefined;
  frame: Frame | undefined;
  width: number;
  height: number;
  /** performance.now() when it was handed out. */
  shownAtMs: number;
  /** True when this picture was handed out before without its metadata. */
  repaint: boolean;
  metadata: VideoFrameCallbackMetadata;
}

type Show = (shown: ShownFrame) => void;

interface FrameMetadata {
  rtpTimestamp?: number;
}

function metadataOf(picture: VideoFrame): FrameMetadata | undefined {
  return (picture as VideoFrame & { metadata?: () => FrameMetadata }).metadata?.();
}

/** What this page needs and the browser lacks; empty when it has all. */
export function missingFeatures(): string[] {
  const missing: string[] = [];
  if (typeof RTCPeerConnection !== 'function') missing.push('WebRTC');
  if (!('requestVideoFrameCallback' in HTMLVideoElement.prototype)) missing.push('requestVideoFrameCallback');
  return missing;
}

export class FramePump {
  private atomic = typeof VideoFrame === 'function' && 'metadata' in VideoFrame.prototype;
  private callback = 0;
  private running = false;
  private shown: ShownFrame | undefined;
  private pending: ShownFrame | undefined;
  private pendingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly matcher: FrameMatcher,
    private readonly show: Show,
  ) {}

  get current(): ShownFrame | undefined {
    return this.shown;
  }

  /** True while picture and timestamp are taken atomically; else the video element must be visible. */
  get isAtomic(): boolean {
    return this.atomic;
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.listen();
  }

  stop(): void {
    this.running = false;
    this.video.cancelVideoFrameCallback(this.callback);
    clearTimeout(this.pendingTimer);
    this.pending?.picture?.close();
    this.shown?.picture?.close();
    this.pending = undefined;
    this.shown = undefined;
  }

  /** A message came: the picture that waits for it, or was shown without it, gets it. */
  messageArrived(frame: Frame): void {
    if (this.pending?.rtpTimestamp === frame.rtpTimestamp) {
      this.showPending();
    } else if (this.shown && !this.shown.frame && this.shown.rtpTimestamp === frame.rtpTimestamp) {
      this.shown = { ...this.shown, frame, repaint: true };
      this.show(this.shown);
    }
  }

  private listen(): void {
    this.callback = this.video.requestVideoFrameCallback((_now, metadata) => {
      if (!this.running) return;
      this.listen();
      this.take(metadata);
    });
  }

  private take(metadata: VideoFrameCallbackMetadata): void {
    let picture: VideoFrame | undefined;
    let rtpTimestamp = metadata.rtpTimestamp;
    if (this.atomic) {
      try {
        picture = new VideoFrame(this.video);
      } catch {
        return; // The element has no picture yet.
      }
      rtpTimestamp = metadataOf(picture)?.rtpTimestamp;
      if (rtpTimestamp === undefined) {
        this.atomic = false;
        picture.close();
        picture = undefined;
        rtpTimestamp = metadata.rtpTimestamp;
      }
    }
    const newest = this.pending ?? this.shown;
    if (rtpTimestamp !== undefined && newest?.rtpTimestamp === rtpTimestamp) {
      picture?.close(); // A late callback had taken this one already.
      return;
    }
    this.showPending();
    const next: ShownFrame = {
      picture,
      rtpTimestamp,
      frame: rtpTimestamp === undefined ? undefined : this.matcher.find(rtpTimestamp),
      width: metadata.width,
      height: metadata.height,
      shownAtMs: 0,
      repaint: false,
      metadata,
    };
    // Waiting is possible only where the old picture can stay, and worth it only where metadata flows.
    if (!next.frame && picture && this.shown?.frame) this.wait(next);
    else this.commit(next);
  }

  private wait(next: ShownFrame): void {
    this.pending = next;
    this.pendingTimer = setTimeout(() => this.showPending(), kLateMessageMs);
  }

  private showPending(): void {
    const pending = this.pending;
    if (!pending) return;
    clearTimeout(this.pendingTimer);
    this.pending = undefined;
    const frame = pending.rtpTimestamp === undefined ? undefined : this.matcher.find(pending.rtpTimestamp);
    this.commit({ ...pending, frame });
  }

  private commit(next: ShownFrame): void {
    const old = this.shown;
    this.shown = { ...next, shownAtMs: performance.now() };
    this.show(this.shown);
    old?.picture?.close();
  }
}
