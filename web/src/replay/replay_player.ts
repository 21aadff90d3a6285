// One camera's recording: seeks to instants and frames, plays, steps. Lives outside React; views attach to it as sinks.
//
// A seek finds its frame in the segment's own bytes (capture times of the very frames), sets the media element to the
// middle of it, and is done when that frame is on the screen. The newest wish wins: one that came while a seek was under
// way begins when that has shown its picture, or after kPatienceMs, so that scrubbing shows pictures all the way.
import { ApiError } from '../api/client';
import { logFrame } from '../live/frame_log';
import { MatchRate } from '../live/frame_matcher';
import type { PlacedFrame } from './appended_frames';
import { HlsSource, type SourceProblem } from './hls_source';
import { endsBefore, frameAt, frameByPts, framesIn, kPlaylistSlackUs, segmentAt } from './recorded_segments';
import { ReplayPump, type ReplayedFrame } from './replay_pump';
import { kFirstState, type ReplayState, type Span, type Speed } from './replay_state';
import type { SegmentPlace, SegmentStore } from './segment_store';

/** A playlist reaches so far to both sides of the instant for which it was asked. */
const kReachUs = 12 * 3_600_000_000;
/** A playlist that ends where the recording goes on is asked for again, but not more often. */
const kGrowMs = 2000;
const kPatienceMs = 250;
const kMostMs = 10_000;
/** Chromium does not announce each picture of a paused seek, and now and then draws none until it seeks again. */
const kLookMs = 25;
/** So long it may rest on another picture before it is told again, and twice as long each time after that. */
const kRestMs = 70;
const kNudgeS = 0.0002;
const kOffS = 0.002;

export type ReplaySink = (shown: ReplayedFrame | undefined) => void;

type Wish = { type: 'utc'; utcUs: number } | { type: 'step'; by: number };
type Place = Pick<PlacedFrame, 'segment' | 'index'>;

export class ReplayPlayer {
  readonly video = document.createElement('video');
  readonly rate = new MatchRate();
  loop: Span | undefined;
  private readonly pump: ReplayPump;
  private readonly sinks = new Set<ReplaySink>();
  private readonly listeners = new Set<() => void>();
  private readonly life = new AbortController();
  private source: HlsSource | undefined;
  private reach: Span = { fromUs: 0, toUs: 0 };
  private openedMs = 0;
  private started = false;
  private wish: Wish | undefined;
  private working = false;
  private target: Place | undefined;
  private waiting: (() => void) | undefined;
  private state_ = kFirstState;
  private trimUs_ = 0;
  private wantedUs: number | undefined;

  constructor(
    readonly vehicle: string,
    readonly camera: string,
    private readonly store: SegmentStore,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.disablePictureInPicture = true;
    this.video.addEventListener('ended', this.ended);
    this.video.addEventListener('seeked', this.seeked);
    this.pump = new ReplayPump(
      this.video,
      (timeS) => this.source?.appended.at(timeS),
      (shown) => this.frameShown(shown),
    );
  }

  get state(): ReplayState {
    return this.state_;
  }

  get shown(): ReplayedFrame | undefined {
    return this.pump.current;
  }

  get isAtomic(): boolean {
    return this.pump.isAtomic;
  }

  /** What is added to this camera's own capture times; its pictures are shown that much later. */
  get trimUs(): number {
    return this.trimUs_;
  }

  setTrim(us: number): void {
    this.trimUs_ = us;
  }

  /** Corrected capture time of the shown frame. */
  get utcUs(): number | undefined {
    const us = this.shown?.frame?.utcUs;
    return us === undefined || us === 0 ? undefined : us + this.trimUs_;
  }

  /** Where the segment of a corrected time is, if the open playlist has one. */
  placeAt(utcUs: number): SegmentPlace | undefined {
    const segments = this.source?.segments ?? [];
    const segment = segments[segmentAt(segments, utcUs - this.trimUs_)];
    return segment && !endsBefore(segment, utcUs - this.trimUs_) ? segment.place : undefined;
  }

  /** Corrected capture times of the frames in a span, as far as they were loaded. */
  framesIn({ fromUs, toUs }: Span): number[] {
    const trimUs = this.trimUs_;
    const framesOf = (place: SegmentPlace) => this.store.framesOf(place);
    const own = framesIn(this.source?.segments ?? [], framesOf, fromUs - trimUs, toUs - trimUs);
    return own.map((us) => us + trimUs);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  addSink(sink: ReplaySink): () => void {
    this.sinks.add(sink);
    return () => this.sinks.delete(sink);
  }

  destroy(): void {
    this.life.abort();
    this.video.removeEventListener('ended', this.ended);
    this.video.removeEventListener('seeked', this.seeked);
    this.pump.stop();
    this.source?.destroy();
    this.video.remove();
  }

  /** The newest frame that was captured at this corrected time or before. */
  seek(utcUs: number): void {
    this.wantedUs = utcUs;
    this.wanted({ type: 'utc', utcUs: utcUs - this.trimUs_ });
  }

  step(by: number): void {
    this.pause();
    const queued = this.wish?.type === 'step' ? this.wish.by : 0;
    this.wanted({ type: 'step', by: queued + by });
  }

  play(): void {
    if (this.state_.phase !== 'ready' && this.state_.phase !== 'opening') return;
    this.tell({ playing: true });
    if (this.started) this.video.play().catch(() => undefined); // A seek or a new source interrupts it, and plays on.
  }

  pause(): void {
    this.video.pause();
    if (this.state_.playing) this.tell({ playing: false });
  }

  setSpeed(speed: Speed): void {
    this.video.playbackRate = speed;
    this.video.defaultPlaybackRate = speed;
    this.tell({ speed });
  }

  /** A small change of speed, by which another camera follows the first. */
  lean(factor: number): void {
    this.video.playbackRate = Math.min(16, this.state_.speed * factor);
  }

  /** What could not be shown may be there by now. */
  retry(): void {
    if (this.wantedUs !== undefined) this.seek(this.wantedUs);
  }

  /** Past what cannot be shown. */
  skipProblem(): void {
    const { problem } = this.state_;
    const segments = this.source?.segments ?? [];
    const bad = segments[problem?.segment ?? -1];
    const next = segments.find(
      ({ place }, index) =>
        index > (problem?.segment ?? -1) && !(problem?.wholeFile && place.url === bad?.place.url),
    );
    if (next) this.seek(next.utcUs + kPlaylistSlackUs + this.trimUs_);
  }

  private tell(change: Partial<ReplayState>): void {
    this.state_ = { ...this.state_, ...change };
    this.source?.setNeed(this.state_.playing, this.state_.speed);
    this.listeners.forEach((listener) => listener());
  }

  private wanted(wish: Wish): void {
    this.wish = wish;
    if (!this.state_.seeking) this.tell({ seeking: true });
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    while (this.wish && !this.life.signal.aborted) {
      const wish = this.wish;
      this.wish = undefined;
      try {
        if (wish.type === 'utc') await this.seekUtc(wish.utcUs);
        else await this.seekStep(wish.by);
      } catch (error) {
        this.failed(error);
      }
    }
    this.working = false;
    if (!this.life.signal.aborted) this.tell({ seeking: false });
  }

  private failed(error: unknown): void {
    if (this.life.signal.aborted || (error instanceof DOMException && error.name === 'AbortError')) return;
    const refusal = error instanceof ApiError ? error : new ApiError(0, 'replay', String(error));
    if (refusal.status === 404) this.nothingAt(this.state_.gapAtUs);
    else this.tell({ phase: 'failed', refusal });
  }

  private nothingAt(utcUs: number | undefined): void {
    this.video.pause();
    this.pump.forget();
    this.target = undefined;
    this.sinks.forEach((sink) => sink(undefined));
    this.tell({ phase: 'gap', playing: false, gapAtUs: utcUs, problem: undefined, refusal: undefined });
  }

  /** A source whose playlist holds the instant, if one was recorded. */
  private async sourceFor(utcUs: number): Promise<HlsSource> {
    const last = this.source?.segments.at(-1);
    const mayHaveGrown = last && endsBefore(last, utcUs) && performance.now() - this.openedMs > kGrowMs;
    const isInside = utcUs >= this.reach.fromUs && utcUs < this.reach.toUs;
    if (this.source && last && isInside && !mayHaveGrown) return this.source;
    this.tell({ phase: 'opening' });
    this.source?.destroy();
    this.started = false;
    this.target = undefined;
    this.reach = { fromUs: utcUs - kReachUs, toUs: utcUs + kReachUs };
    this.source = new HlsSource(this.video, this.store, (problem) => this.sourceFailed(problem));
    this.source.setNeed(this.state_.playing, this.state_.speed);
    const { fromUs, toUs } = this.reach;
    const base = `/api/recordings/${encodeURIComponent(this.vehicle)}/${encodeURIComponent(this.camera)}`;
    await this.source.open(`${base}/playlist.m3u8?from=${fromUs}&to=${toUs}`);
    this.openedMs = performance.now();
    return this.source;
  }

  private sourceFailed(problem: SourceProblem): void {
    this.wantedUs = this.utcUs ?? this.wantedUs;
    this.reach = { fromUs: 0, toUs: 0 }; // hls.js does not go on behind what it gave up.
    this.video.pause();
    this.pump.forget();
    this.sinks.forEach((sink) => sink(undefined));
    this.tell({ phase: 'failed', playing: false, problem });
    this.waiting?.();
  }

  private async seekUtc(utcUs: number): Promise<void> {
    const [fromUs, whole] = [Math.floor(utcUs), utcUs + this.trimUs_];
    this.state_ = { ...this.state_, gapAtUs: whole };
    const source = await this.sourceFor(fromUs);
    const found = await this.frameFor(source, fromUs);
    if (found) await this.show(source, found);
    else this.nothingAt(whole);
  }

  private async frameFor(source: HlsSource, utcUs: number): Promise<Place | undefined> {
    let segment = segmentAt(source.segments, utcUs);
    const stated = source.segments[segment];
    if (!stated || endsBefore(stated, utcUs)) return undefined;
    let frames = await this.framesOf(source, segment);
    let index = frameAt(frames, utcUs);
    if (index < 0 && frames[0] && !frames[0].message) index = frameByPts(frames, utcUs - stated.utcUs);
    const previous = source.segments[segment - 1];
    if (index < 0 && previous?.run === stated.run) {
      segment -= 1;
      frames = await this.framesOf(source, segment);
      index = frameAt(frames, utcUs);
    }
    // A playlist's milliseconds may name the run's first frame a little early.
    return index >= 0 ? { segment, index } : frames.length > 0 ? { segment, index: 0 } : undefined;
  }

  private async framesOf(source: HlsSource, segment: number) {
    const stated = source.segments[segment];
    if (!stated) return [];
    try {
      return (await this.store.load(stated.place, this.life.signal)).frames;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === 401) throw error;
      const file = stated.place.url.split('/').slice(-2).join('/');
      this.sourceFailed({ file, segment, wholeFile: true, message: error.message });
      throw new DOMException('The problem is told.', 'AbortError');
    }
  }

  private async seekStep(by: number): Promise<void> {
    const base = this.target ?? this.shown?.placed;
    const { source } = this;
    if (!base || !source) return;
    let { segment, index } = base;
    index += by;
    while (index < 0 && segment > 0) {
      segment -= 1;
      index += (await this.framesOf(source, segment)).length;
    }
    for (;;) {
      const { length } = await this.framesOf(source, segment);
      if (index < length) break;
      if (segment + 1 >= source.segments.length) index = length - 1;
      else {
        index -= length;
        segment += 1;
      }
    }
    await this.show(source, { segment, index: Math.max(0, index) });
  }

  /** Brings a frame to the screen. */
  private async show(source: HlsSource, place: Place): Promise<void> {
    this.target = place;
    this.tell({ phase: 'ready', problem: undefined, refusal: undefined, gapAtUs: undefined });
    const begunMs = performance.now();
    let restMs = begunMs;
    let mostRestMs = kRestMs;
    let setS = source.middleOf(place.segment, place.index);
    if (this.started) this.video.currentTime = setS;
    else source.start(setS);
    this.started = true;
    while (!this.isShown(place)) {
      const nowMs = performance.now();
      const isOver = this.source !== source || this.state_.phase === 'failed' || this.life.signal.aborted;
      if (isOver || nowMs - begunMs >= (this.wish ? kPatienceMs : kMostMs)) return;
      await this.somethingShown(kLookMs);
      this.pump.look();
      if (this.isShown(place)) break;
      if (this.video.seeking || !this.shown) {
        restMs = performance.now();
        continue;
      }
      if (this.state_.playing) break;
      // It rests on another picture: the exact time was not known yet, or the browser has not drawn what it sought.
      const exactS = source.middleOf(place.segment, place.index);
      const isOff = Math.abs(setS - exactS) > kOffS;
      if (!isOff && performance.now() - restMs < mostRestMs) continue;
      setS = isOff ? exactS : setS + kNudgeS;
      mostRestMs *= 2;
      this.video.currentTime = setS;
      restMs = performance.now();
    }
    if (this.state_.playing && this.video.paused) this.play();
  }

  private isShown({ segment, index }: Place): boolean {
    const placed = this.shown?.placed;
    return placed?.segment === segment && placed.index === index && !this.video.seeking;
  }

  /** True when a picture came, false after `ms`. */
  private somethingShown(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(false), ms);
      const finish = (come: boolean) => {
        clearTimeout(timer);
        this.waiting = undefined;
        resolve(come);
      };
      this.waiting = () => finish(true);
    });
  }

  private frameShown(shown: ReplayedFrame): void {
    this.rate.shown(shown.frame?.values !== undefined, shown.shownAtMs);
    this.sinks.forEach((sink) => sink(shown));
    logFrame(this.vehicle, this.camera, shown, this.video);
    this.waiting?.();
    if (!this.state_.playing || this.working) return;
    this.target = undefined;
    const { loop, utcUs } = this;
    if (loop && utcUs !== undefined && (utcUs >= loop.toUs || utcUs < loop.fromUs - 1_000_000))
      this.seek(loop.fromUs);
  }

  private readonly seeked = (): void => this.waiting?.();

  /** The playlist is over: the recording may go on all the same. */
  private readonly ended = (): void => {
    const { utcUs, loop } = this;
    if (loop) this.seek(loop.fromUs);
    else if (utcUs !== undefined && performance.now() - this.openedMs > kGrowMs) {
      this.reach = { fromUs: 0, toUs: 0 };
      this.seek(utcUs);
    } else this.pause();
  };
}
