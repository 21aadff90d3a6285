// A playlist of recorded segments in a media element, by hls.js. Its segments come from our store, so that each is fetched
// once and every frame that can be shown is known.
import Hls, {
  type ErrorData,
  type Fragment,
  type FragmentLoaderContext,
  type HlsConfig,
  type Loader,
  type LoaderCallbacks,
  type LoaderConfiguration,
  type LoaderContext,
  type LoaderStats,
} from 'hls.js';

import { ApiError, getText } from '../api/client';
import { AppendedFrames } from './appended_frames';
import type { RecordedSegment } from './recorded_segments';
import type { SegmentPlace, SegmentStore } from './segment_store';

/** Ahead of the picture, seconds at normal speed: a scrub fetches what it passes, so more would be in vain. */
const kBufferS = 10;
const kStillBufferS = 2;
const kMostInsideS = 0.01;

const newStats = (): LoaderStats => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});

type Load<Context> = (context: Context, signal: AbortSignal) => Promise<string | ArrayBuffer>;

/** hls.js's loader interface around a function that gives a promise. */
function loaderOf<Context extends LoaderContext>(
  load: Load<Context>,
): new (config: HlsConfig) => Loader<Context> {
  return class implements Loader<Context> {
    context: Context | null = null;
    stats = newStats();
    private readonly controller = new AbortController();

    load(context: Context, _config: LoaderConfiguration, callbacks: LoaderCallbacks<Context>): void {
      this.context = context;
      this.stats.loading.start = performance.now();
      load(context, this.controller.signal).then(
        (data) => {
          if (this.stats.aborted) return;
          this.stats.loading.first = this.stats.loading.end = performance.now();
          this.stats.loaded = this.stats.total = typeof data === 'string' ? data.length : data.byteLength;
          callbacks.onSuccess({ url: context.url, data, code: 200 }, this.stats, context, null);
        },
        (error: unknown) => {
          if (this.stats.aborted) return;
          const { status = 0, message = String(error) } =
            error instanceof Error ? (error as Partial<ApiError>) : {};
          callbacks.onError({ code: status, text: message }, context, null, this.stats);
        },
      );
    }

    abort(): void {
      this.stats.aborted = true;
      this.controller.abort();
    }

    destroy(): void {
      this.abort();
    }
  };
}

function placeOf({ url, byteRangeStartOffset, byteRangeEndOffset }: Fragment): SegmentPlace {
  return { url, start: byteRangeStartOffset ?? 0, end: byteRangeEndOffset ?? 0 };
}

export interface SourceProblem {
  /** The file, without the folders of its vehicle and camera. */
  file: string | undefined;
  message: string;
  /** Index of the segment, where it is known. */
  segment: number | undefined;
  /** Nothing of the file can be read; else it is damaged in this segment. */
  wholeFile: boolean;
}

/** The browser gave up decoding, and ended the media source. */
const kGaveUp = 'mediaSourceRequiresReset';
const kUndecodable: ReadonlySet<string> = new Set(['fragParsingError', 'bufferAppendError', kGaveUp]);

/** What hls.js says, in words for people. */
function problemOf(
  { details, response, error }: ErrorData,
  frag: Fragment | undefined,
  segment: number | undefined,
): SourceProblem {
  const file = frag?.url.split('/').slice(-2).join('/');
  if (details === 'bufferAddCodecError' || details === 'bufferIncompatibleCodecsError') {
    const codec = /codecs="?([\w.]+)/.exec(error.message)?.[1] ?? 'of an unknown kind';
    const message = `This browser cannot decode its video (${codec}). H.265 needs a browser and a computer that decode it.`;
    return { file, segment, wholeFile: true, message };
  }
  if (kUndecodable.has(details)) {
    return {
      file,
      segment,
      wholeFile: false,
      message: 'Its pictures cannot be decoded: the file is damaged here.',
    };
  }
  return { file, segment, wholeFile: true, message: response?.text || error.message };
}

export class HlsSource {
  readonly appended = new AppendedFrames();
  segments: readonly RecordedSegment[] = [];
  private fragments: readonly Fragment[] = [];
  private firstSn = 0;
  private readonly hls: Hls;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly store: SegmentStore,
    private readonly onProblem: (problem: SourceProblem) => void,
  ) {
    const retries = { maxNumRetry: 1, retryDelayMs: 500, maxRetryDelayMs: 500 };
    const policy = {
      maxTimeToFirstByteMs: 15_000,
      maxLoadTimeMs: 60_000,
      timeoutRetry: retries,
      errorRetry: retries,
    };
    this.hls = new Hls({
      autoStartLoad: false,
      maxBufferLength: kBufferS,
      maxMaxBufferLength: kBufferS,
      backBufferLength: kBufferS,
      enableID3MetadataCues: false,
      enableEmsgMetadataCues: false,
      pLoader: loaderOf((context, signal) => getText(context.url, signal)),
      fLoader: loaderOf<FragmentLoaderContext>(async ({ frag }, signal) => {
        const { bytes } = await this.store.load(placeOf(frag), signal);
        return bytes.slice().buffer; // hls.js gives its bytes away to its worker.
      }),
      fragLoadPolicy: { default: policy },
    });
    this.hls.on(Hls.Events.BUFFER_APPENDING, (_event, { type, frag, data, offset = 0 }) => {
      if (type !== 'video' && type !== 'audiovideo') return;
      const frames = this.store.framesOf(placeOf(frag as Fragment));
      if (frames) this.appended.add(Number(frag.sn) - this.firstSn, frames, data, offset);
    });
    this.hls.attachMedia(video);
  }

  /** Loads a playlist. Throws ApiError. */
  open(url: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.hls.on(Hls.Events.LEVEL_LOADED, (_event, { details }) => {
        this.fragments = details.fragments;
        this.firstSn = details.startSN;
        this.segments = details.fragments.map((fragment) => ({
          place: placeOf(fragment),
          utcUs: Math.round((fragment.programDateTime ?? 0) * 1000),
          durationUs: Math.round(fragment.duration * 1e6),
          run: fragment.cc,
        }));
        resolve();
      });
      this.hls.on(Hls.Events.ERROR, (_event, data) => {
        if (!data.fatal) return;
        const frag = this.blamed(data);
        const problem = problemOf(data, frag, frag && Number(frag.sn) - this.firstSn);
        if (this.fragments.length > 0) this.onProblem(problem);
        else reject(new ApiError(data.response?.code ?? 0, data.details, problem.message));
      });
      this.hls.loadSource(url);
    });
  }

  /** When decoding fails, what was to be shown is at fault, and not what happens to be appended just then. */
  private blamed({ details, frag }: ErrorData): Fragment | undefined {
    const { currentTime } = this.video;
    const shown = this.fragments.find(
      ({ start, duration }) => start <= currentTime && currentTime < start + duration,
    );
    return details === kGaveUp ? (shown ?? frag) : frag;
  }

  /** Begins to fetch segments, first that of this media time. */
  start(timeS: number): void {
    this.hls.startLoad(timeS);
  }

  /** Where a frame is on the media's time line: exactly when it was appended, else as the playlist's durations say. */
  timeOf(segment: number, index: number): number {
    const placed = this.appended.placed(segment, index);
    if (placed) return placed.timeS;
    const place = this.segments[segment]?.place;
    const frames = place && this.store.framesOf(place);
    const [first, wanted] = [frames?.[0], frames?.[index]];
    const start = this.fragments[segment]?.start ?? 0;
    return first && wanted ? start + ((wanted.pts - first.pts + 2 ** 33) % 2 ** 33) / 90_000 : start;
  }

  /** Within the frame, so that rounding does not lead to its neighbour. */
  middleOf(segment: number, index: number): number {
    const timeS = this.timeOf(segment, index);
    const place = this.segments[segment]?.place;
    const other = index + 1 < ((place && this.store.framesOf(place)?.length) ?? 0) ? index + 1 : index - 1;
    const distance = other >= 0 ? Math.abs(this.timeOf(segment, other) - timeS) : 0;
    return timeS + Math.min(distance / 2, kMostInsideS);
  }

  /** Fetches ahead what play at this speed needs; a still picture needs hardly more than its own segment. */
  setNeed(playing: boolean, speed: number): void {
    const seconds = playing ? kBufferS * Math.max(1, speed) : kStillBufferS;
    this.hls.config.maxBufferLength = seconds;
    this.hls.config.maxMaxBufferLength = seconds;
  }

  destroy(): void {
    this.hls.destroy();
  }
}
