// What is replayed: one camera, perhaps a second one in step with it, and the playhead. Lives outside React.
import type { CameraId } from './replay_address';
import { ReplayPlayer } from './replay_player';
import type { ReplayState, Span, Speed } from './replay_state';
import { SegmentStore, type SegmentPlace } from './segment_store';

const kStepMs = 250;
/** Farther apart than this, the second camera seeks; nearer, it plays a little faster or slower. */
const kFarUs = 800_000;
const kNearUs = 25_000;
/** How far ahead of the first camera a seek of the second one aims, since it takes its time. */
const kAheadUs = 150_000;

export class ReplaySession {
  readonly store = new SegmentStore();
  private readonly listeners = new Set<() => void>();
  private readonly timeListeners = new Set<() => void>();
  private first_: ReplayPlayer | undefined;
  private second_: ReplayPlayer | undefined;
  private wantedUs: number | undefined;
  private trims: Readonly<Record<string, number>> = {};
  private loop: Span | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  get first(): ReplayPlayer | undefined {
    return this.first_;
  }

  get second(): ReplayPlayer | undefined {
    return this.second_;
  }

  /** The playhead: what is wanted while a seek is under way, else the shown frame's corrected capture time. */
  get utcUs(): number | undefined {
    return this.first_?.state.seeking ? this.wantedUs : (this.first_?.utcUs ?? this.wantedUs);
  }

  get state(): ReplayState | undefined {
    return this.first_?.state;
  }

  /** What is added to a camera's own capture times. */
  trimUs({ vehicle, camera }: CameraId): number {
    return (this.trims[`${vehicle}/${camera}`] ?? 0) * 1000;
  }

  /** Where the bytes of a corrected time are, of a camera that is played. */
  placeAt({ vehicle, camera }: CameraId, us: number): SegmentPlace | undefined {
    const players = [this.first_, this.second_];
    return players.find((player) => player?.vehicle === vehicle && player.camera === camera)?.placeAt(us);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Told of each frame and each wish: often. */
  onTime = (listener: () => void): (() => void) => {
    this.timeListeners.add(listener);
    return () => this.timeListeners.delete(listener);
  };

  start(): void {
    this.timer ??= setInterval(() => this.keepStep(), kStepMs);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.first_?.destroy();
    this.second_?.destroy();
    this.first_ = this.second_ = undefined;
  }

  show(first: CameraId | undefined, second: CameraId | undefined): void {
    const utcUs = this.utcUs;
    const isPlaying = this.state?.playing ?? false;
    const old = [this.first_, this.second_];
    const take = (camera: CameraId | undefined): ReplayPlayer | undefined => {
      if (!camera) return undefined;
      const at = old.findIndex(
        (player) => player?.vehicle === camera.vehicle && player.camera === camera.camera,
      );
      const known = at < 0 ? undefined : old[at];
      if (at >= 0) old[at] = undefined;
      return known ?? this.makePlayer(camera);
    };
    const before = this.first_;
    this.first_ = take(first);
    this.second_ = take(second);
    old.forEach((player) => player?.destroy());
    this.applySettings();
    if (this.first_ !== before && utcUs !== undefined) {
      this.seek(utcUs);
      if (isPlaying) this.play();
    } else if (utcUs !== undefined) this.second_?.seek(utcUs);
    this.tell();
  }

  seek(utcUs: number): void {
    this.wantedUs = utcUs;
    this.first_?.seek(utcUs);
    if (!this.state?.playing) this.second_?.seek(utcUs);
    this.timeListeners.forEach((listener) => listener());
  }

  step(by: number): void {
    this.second_?.pause();
    this.first_?.step(by);
  }

  play(): void {
    this.first_?.play();
    this.keepStep();
  }

  pause(): void {
    this.first_?.pause();
    this.second_?.pause();
    const { utcUs } = this;
    if (utcUs !== undefined) this.second_?.seek(utcUs);
  }

  setSpeed(speed: Speed): void {
    this.first_?.setSpeed(speed);
    this.second_?.setSpeed(speed);
  }

  setTrims(trims: Readonly<Record<string, number>>): void {
    const utcUs = this.utcUs;
    const changed = JSON.stringify(trims) !== JSON.stringify(this.trims);
    this.trims = trims;
    this.applySettings();
    if (changed && utcUs !== undefined) this.seek(utcUs);
  }

  setLoop(loop: Span | undefined): void {
    this.loop = loop;
    this.applySettings();
  }

  private applySettings(): void {
    for (const player of [this.first_, this.second_]) {
      player?.setTrim(this.trimUs(player));
    }
    if (this.first_) this.first_.loop = this.loop;
    if (this.second_) this.second_.loop = undefined;
    const speed = this.first_?.state.speed;
    if (speed !== undefined && this.second_?.state.speed !== speed) this.second_?.setSpeed(speed);
  }

  private makePlayer({ vehicle, camera }: CameraId): ReplayPlayer {
    const player = new ReplayPlayer(vehicle, camera, this.store);
    const { speed } = this.first_?.state ?? player.state;
    if (speed !== player.state.speed) player.setSpeed(speed);
    player.subscribe(() => this.tell());
    player.addSink(() => this.frameShown(player));
    return player;
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
    this.timeListeners.forEach((listener) => listener());
  }

  private frameShown(player: ReplayPlayer): void {
    if (player !== this.first_) return;
    const { playing, seeking } = player.state;
    if (!seeking) this.wantedUs = player.utcUs ?? this.wantedUs;
    if (!playing && !seeking) this.followStill();
    this.timeListeners.forEach((listener) => listener());
  }

  private followStill(): void {
    const utcUs = this.first_?.utcUs;
    if (utcUs !== undefined) this.second_?.seek(utcUs);
  }

  /** The second camera follows the first. */
  private keepStep(): void {
    const [first, second] = [this.first_, this.second_];
    const utcUs = first?.utcUs;
    if (!first || !second || utcUs === undefined || second.state.seeking) return;
    if (!first.state.playing) {
      if (second.state.playing) this.pause();
      return;
    }
    const apart = second.utcUs === undefined ? Infinity : second.utcUs - utcUs;
    if (Math.abs(apart) > kFarUs * Math.max(1, first.state.speed)) {
      second.seek(utcUs + kAheadUs * first.state.speed);
      second.play();
      return;
    }
    if (!second.state.playing) second.play();
    second.lean(Math.abs(apart) < kNearUs ? 1 : Math.min(1.25, Math.max(0.8, 1 - apart / 1e6)));
  }
}
