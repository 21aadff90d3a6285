import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Frame } from '../klv/frame';
import { FrameMatcher } from './frame_matcher';
import { FramePump, kLateMessageMs, type ShownFrame } from './frame_pump';

const values = { doubtful: false };
const message = (rtpTimestamp: number) => ({ rtpTimestamp, values }) as Frame;

/** A video element whose frames the test presents. */
class FakeVideo {
  rtpTimestamp = 0;
  callbacks: VideoFrameRequestCallback[] = [];
  requestVideoFrameCallback(callback: VideoFrameRequestCallback) {
    return this.callbacks.push(callback);
  }
  cancelVideoFrameCallback() {
    this.callbacks = [];
  }
  present(rtpTimestamp: number, reportedTimestamp = rtpTimestamp) {
    this.rtpTimestamp = rtpTimestamp;
    const metadata = {
      rtpTimestamp: reportedTimestamp,
      width: 640,
      height: 360,
    } as VideoFrameCallbackMetadata;
    for (const callback of this.callbacks.splice(0)) callback(0, metadata);
  }
}

let open = 0;

class FakeVideoFrame {
  private readonly rtpTimestamp: number;
  constructor(video: FakeVideo) {
    this.rtpTimestamp = video.rtpTimestamp;
    open += 1;
  }
  metadata() {
    return { rtpTimestamp: this.rtpTimestamp };
  }
  close() {
    open -= 1;
  }
}

function harness() {
  const video = new FakeVideo();
  const matcher = new FrameMatcher();
  const shown: ShownFrame[] = [];
  const pump = new FramePump(video as unknown as HTMLVideoElement, matcher, (frame) => shown.push(frame));
  pump.start();
  const arrive = (rtpTimestamp: number) => {
    matcher.add(message(rtpTimestamp), 0);
    pump.messageArrived(message(rtpTimestamp));
  };
  return { video, shown, pump, arrive };
}

beforeEach(() => {
  open = 0;
  vi.useFakeTimers();
  vi.stubGlobal('VideoFrame', FakeVideoFrame);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a picture is shown with the message of its own timestamp, whatever the callback says', () => {
  const { video, shown, arrive } = harness();
  arrive(3000);
  arrive(6000);
  video.present(6000, 3000);
  expect(shown.map(({ rtpTimestamp, frame }) => [rtpTimestamp, frame?.rtpTimestamp])).toEqual([[6000, 6000]]);
});

test('a picture without a message is shown without values, never with those of the one before', () => {
  const { video, shown, arrive } = harness();
  arrive(3000);
  video.present(3000);
  video.present(6000);
  vi.advanceTimersByTime(kLateMessageMs);
  expect(shown.map(({ frame }) => frame?.rtpTimestamp)).toEqual([3000, undefined]);
});

test('a message that is a little late still goes out with its picture', () => {
  const { video, shown, arrive } = harness();
  arrive(3000);
  video.present(3000);
  video.present(6000);
  expect(shown).toHaveLength(1);
  arrive(6000);
  expect(shown.map(({ frame }) => frame?.rtpTimestamp)).toEqual([3000, 6000]);
  expect(shown[1]?.repaint).toBe(false);
});

test('a message that comes later repaints the picture if it is still the shown one', () => {
  const { video, shown, arrive } = harness();
  video.present(3000);
  expect(shown[0]?.frame).toBeUndefined();
  arrive(3000);
  expect(shown[1]).toMatchObject({ rtpTimestamp: 3000, repaint: true });
  expect(shown[1]?.frame?.rtpTimestamp).toBe(3000);
  video.present(6000);
  vi.advanceTimersByTime(kLateMessageMs);
  arrive(3000);
  expect(shown).toHaveLength(3);
});

test('where no messages come, pictures are not held back', () => {
  const { video, shown } = harness();
  video.present(3000);
  video.present(6000);
  video.present(9000);
  expect(shown).toHaveLength(3);
});

test('a picture that two callbacks saw is shown once', () => {
  const { video, shown, arrive } = harness();
  arrive(3000);
  video.present(3000);
  video.present(3000);
  expect(shown).toHaveLength(1);
});

test('every VideoFrame is closed in the end', () => {
  const { video, pump, arrive } = harness();
  arrive(3000);
  video.present(3000);
  video.present(3000);
  video.present(6000);
  video.present(9000);
  pump.stop();
  expect(open).toBe(0);
});

test('a browser whose VideoFrame has no timestamp falls back to that of the callback', () => {
  vi.stubGlobal(
    'VideoFrame',
    class extends FakeVideoFrame {
      override metadata() {
        return {} as { rtpTimestamp: number };
      }
    },
  );
  const { video, shown, pump, arrive } = harness();
  arrive(3000);
  video.present(3000);
  expect(pump.isAtomic).toBe(false);
  expect(shown[0]).toMatchObject({ picture: undefined, rtpTimestamp: 3000 });
  expect(shown[0]?.frame).toBeDefined();
  expect(open).toBe(0);
});
