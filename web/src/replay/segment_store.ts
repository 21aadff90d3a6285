// The bytes and frames of recorded segments, each fetched once for all who want it: hls.js, seeks, thumbnails.
import { getBytes } from '../api/client';
import { segmentFrames, type SegmentFrame } from './segment_frames';

/** Bytes [start, end) of a recorded file. */
export interface SegmentPlace {
  url: string;
  start: number;
  end: number;
}

export interface Segment {
  bytes: Uint8Array<ArrayBuffer>;
  frames: readonly SegmentFrame[];
}

type Fetch = (place: SegmentPlace, signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>;

interface Loading {
  promise: Promise<Segment>;
  abort: AbortController;
  waiting: number;
}

export const kMostBytes = 64 << 20;
/** Frames are small, and what is on the screen needs them longer than hls.js needs the bytes. */
const kMostFrameLists = 2000;

const keyOf = ({ url, start, end }: SegmentPlace) => `${url} ${start} ${end}`;

export class SegmentStore {
  private readonly segments = new Map<string, Segment>();
  private readonly frameLists = new Map<string, readonly SegmentFrame[]>();
  private readonly loading = new Map<string, Loading>();
  private bytes = 0;

  constructor(
    private readonly fetchBytes: Fetch = ({ url, start, end }, signal) => getBytes(url, start, end, signal),
  ) {}

  /** The frames of a segment that was loaded. */
  framesOf(place: SegmentPlace): readonly SegmentFrame[] | undefined {
    return this.frameLists.get(keyOf(place));
  }

  /** Throws ApiError, or AbortError when `signal` was aborted before the segment came. */
  async load(place: SegmentPlace, signal: AbortSignal): Promise<Segment> {
    const key = keyOf(place);
    const known = this.segments.get(key);
    if (known) {
      this.segments.delete(key); // to the young end
      this.segments.set(key, known);
      return known;
    }
    const loading = this.loading.get(key) ?? this.begin(key, place);
    loading.waiting += 1;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        loading.waiting -= 1;
        if (loading.waiting === 0) loading.abort.abort();
        reject(new DOMException('Not wanted any more.', 'AbortError'));
      };
      if (signal.aborted) giveUp();
      else {
        signal.addEventListener('abort', giveUp, { once: true });
        loading.promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
      }
    });
  }

  private begin(key: string, place: SegmentPlace): Loading {
    const abort = new AbortController();
    const promise = this.fetchBytes(place, abort.signal)
      .then((bytes) => this.keep(key, { bytes, frames: segmentFrames(bytes) }))
      .finally(() => this.loading.get(key) === loading && this.loading.delete(key));
    const loading = { promise, abort, waiting: 0 };
    this.loading.set(key, loading);
    abort.signal.addEventListener('abort', () => this.loading.delete(key));
    return loading;
  }

  private keep(key: string, segment: Segment): Segment {
    this.segments.set(key, segment);
    this.bytes += segment.bytes.length;
    for (const [old, { bytes }] of this.segments) {
      if (this.bytes <= kMostBytes || old === key) break;
      this.segments.delete(old);
      this.bytes -= bytes.length;
    }
    this.frameLists.delete(key);
    this.frameLists.set(key, segment.frames);
    for (const old of this.frameLists.keys()) {
      if (this.frameLists.size <= kMostFrameLists) break;
      this.frameLists.delete(old);
    }
    return segment;
  }
}
