// From the media element to shown frames: each presented picture is taken together with its media time, in one VideoFrame
// (which Chromium stamps with the picture's own presentation time; the time of requestVideoFrameCallback can be that of
// the picture before), and the frame of that very time goes with it.
import { frameOf } from '../klv/frame';
import type { ShownFrame } from '../live/frame_pump';
import type { PlacedFrame } from './appended_frames';

export interface ReplayedFrame extends ShownFrame {
  /** Undefined when it is not known which frame of the recording the picture is. */
  placed: PlacedFrame | undefined;
  mediaTimeS: number;
}

type Find = (mediaTimeS: number) => PlacedFrame | undefined;

export class ReplayPump {
  private shown: ReplayedFrame | undefined;
  private callback = 0;
  private presented = 0;
  private readonly atomic = typeof VideoFrame === 'function';

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly find: Find,
    private readonly show: (shown: ReplayedFrame) => void,
  ) {
    this.listen();
    // A picture that a paused seek brings is announced by the callback too, but not in every browser.
    video.addEventListener('seeked', this.look);
  }

  get current(): ReplayedFrame | undefined {
    return this.shown;
  }

  /** True where the picture is drawn by us; else the media element must be visible. */
  get isAtomic(): boolean {
    return this.atomic;
  }

  stop(): void {
    this.video.cancelVideoFrameCallback(this.callback);
    this.video.removeEventListener('seeked', this.look);
    this.forget();
  }

  /** The picture on the screen is over. */
  forget(): void {
    this.shown?.picture?.close();
    this.shown = undefined;
  }

  private listen(): void {
    this.callback = this.video.requestVideoFrameCallback((_now, metadata) => {
      this.listen();
      this.presented = metadata.presentedFrames;
      this.take(metadata);
    });
  }

  /** Takes the picture that is there, announced or not. */
  readonly look = (): void => {
    const { currentTime, videoWidth: width, videoHeight: height } = this.video;
    const now = performance.now();
    const times = { presentationTime: now, expectedDisplayTime: now, mediaTime: currentTime };
    if (this.atomic && width > 0) this.take({ ...times, width, height, presentedFrames: this.presented });
  };

  private take(metadata: VideoFrameCallbackMetadata): void {
    let picture: VideoFrame | undefined;
    let mediaTimeS = metadata.mediaTime;
    if (this.atomic) {
      try {
        picture = new VideoFrame(this.video);
      } catch {
        return; // The element has no picture yet.
      }
      mediaTimeS = picture.timestamp / 1e6;
    }
    const placed = this.find(mediaTimeS);
    if (this.shown?.mediaTimeS === mediaTimeS && this.shown.placed?.frame === placed?.frame) {
      picture?.close();
      return;
    }
    const message = placed?.frame.message;
    const old = this.shown;
    this.shown = {
      picture,
      placed,
      mediaTimeS,
      rtpTimestamp: placed && placed.frame.pts % 2 ** 32,
      frame: message && frameOf(message),
      width: picture?.displayWidth ?? metadata.width,
      height: picture?.displayHeight ?? metadata.height,
      shownAtMs: performance.now(),
      repaint: false,
      metadata,
    };
    this.show(this.shown);
    old?.picture?.close();
  }
}
