// What is replayed: one camera, perhaps others in step with it, and the playhead. Lives outside React.
import type { CameraId } from './replay_address';
import { ReplayPlayer } from './replay_player';
import type { ReplayState, Span, Speed } from './replay_state';
import { SegmentStore, type SegmentPlace } from './segment_store';

const kStepMs = 250;
/** Farther apart than this, another camera seeks; nearer, it plays a little faster or slower. */
const kFarUs = 800_000;
const kNearUs = 25_000;
/** How far ahead of the first camera a seek of another one aims, since it takes its time. */
const kAheadUs = 150_000;

export class ReplaySession {
  readonly store = new SegmentStore();
  private readonly listeners = new Set<() => void>();
  private readonly timeListeners = new Set<() => void>();
  private first_: ReplayPlayer | undefined;
  private others_: readonly ReplayPlayer[] = [];
  private wantedUs: number | undefined;
  private trims: Readonly<Record<string, number>> = {};
  private loop: Span | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  get first(): ReplayPlayer | undefined {
    return this.first_;
  }

  /** Made anew whenever another camera is among them. */
  get others(): readonly ReplayPlayer[] {
    return this.others_;
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
    return this.players.find((player) => player.vehicle === vehicle && player.camera === camera)?.placeAt(us);
  }

  private get players(): ReplayPlayer[] {
    return [...(this.first_ ? [this.first_] : []), ...this.others_];
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
    this.players.forEach((player) => player.destroy());
    this.first_ = undefined;
    this.others_ = [];
  }

  show(first: CameraId | undefined, others: readonly CameraId[]): void {
    const utcUs = this.utcUs;
    const isPlaying = this.state?.playing ?? false;
    const old = new Set(this.players);
    const take = (camera: CameraId): ReplayPlayer => {
      const known = [...old].find(
        (player) => player.vehicle === camera.vehicle && player.camera === camera.camera,
      );
      if (known) old.delete(known);
      return known ?? this.makePlayer(camera);
    };
    const before = this.first_;
    this.first_ = first && take(first);
    this.others_ = others.map(take);
    old.forEach((player) => player.destroy());
    this.applySettings();
    if (this.first_ !== before && utcUs !== undefined) {
      this.seek(utcUs);
      if (isPlaying) this.play();
    } else if (utcUs !== undefined) this.others_.forEach((player) => player.seek(utcUs));
    this.tell();
  }

  seek(utcUs: number): void {
    this.wantedUs = utcUs;
    this.first_?.seek(utcUs);
    if (!this.state?.playing) this.others_.forEach((player) => player.seek(utcUs));
    this.timeListeners.forEach((listener) => listener());
  }

  step(by: number): void {
    this.others_.forEach((player) => player.pause());
    this.first_?.step(by);
  }

  play(): void {
    this.first_?.play();
    this.keepStep();
  }

  pause(): void {
    this.players.forEach((player) => player.pause());
    const { utcUs } = this;
    if (utcUs !== undefined) this.others_.forEach((player) => player.seek(utcUs));
  }

  setSpeed(speed: Speed): void {
    this.players.forEach((player) => player.setSpeed(speed));
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
    const speed = this.first_?.state.speed;
    for (const player of this.players) {
      player.setTrim(this.trimUs(player));
      player.loop = player === this.first_ ? this.loop : undefined;
      if (speed !== undefined && player.state.speed !== speed) player.setSpeed(speed);
    }
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
    if (utcUs !== undefined) this.others_.forEach((player) => player.seek(utcUs));
  }

  /** The others follow the first. */
  private keepStep(): void {
    const first = this.first_;
    const utcUs = first?.utcUs;
    if (!first || utcUs === undefined) return;
    if (first.state.playing) this.others_.forEach((other) => follow(other, first.state.speed, utcUs));
    else if (this.others_.some(({ state }) => state.playing && !state.seeking)) this.pause();
  }
}

/** Brings a camera that plays to where another one is. */
function follow(player: ReplayPlayer, speed: number, utcUs: number): void {
  if (player.state.seeking) return;
  const apart = player.utcUs === undefined ? Infinity : player.utcUs - utcUs;
  if (Math.abs(apart) > kFarUs * Math.max(1, speed)) {
    player.seek(utcUs + kAheadUs * speed);
    player.play();
    return;
  }
  if (!player.state.playing) player.play();
  player.lean(Math.abs(apart) < kNearUs ? 1 : Math.min(1.25, Math.max(0.8, 1 - apart / 1e6)));
}
