// One watched camera: session, peer, frames. Lives outside React; views attach to it as sinks.
import type { SignalingEvent, SignalingRequest, ViewerFigures } from '../api/types';
import { readFrame } from '../klv/frame';
import { logFrame } from './frame_log';
import { FrameMatcher, MatchRate } from './frame_matcher';
import { reception, viewerSeen } from './figures';
import { FramePump, type ShownFrame } from './frame_pump';
import { Peer } from './peer';
import {
  afterStall,
  firstChoice,
  kReadMs,
  nextChoice,
  withNewPeer,
  type Reception,
} from './rendition_choice';
import { localUtcUs } from './server_clock';
import { nextWatch, type WatchAction, type WatchInput, type WatchState } from './watch';

const kTickMs = 250;

/** Draws a shown frame at once: its picture is closed when the next one is shown. `lost`: the stream ended after it. */
export type FrameSink = (shown: ShownFrame, lost: boolean) => void;

export interface StreamSnapshot {
  state: WatchState;
  /** At least one picture was shown since the camera is watched. */
  hasShown: boolean;
  atomic: boolean;
  /** Of `renditions`: what was asked for last. */
  rendition: string | undefined;
  /** The rendition follows what arrives. */
  automatic: boolean;
}

export interface StreamWorld {
  send: (request: SignalingRequest) => boolean;
  isOnline: () => boolean;
  /** Server's UTC minus this computer's; undefined before it is known. */
  clockOffsetUs: () => number | undefined;
}

export class VideoStream {
  readonly video = document.createElement('video');
  /** By itself, so that no picture ever waits for it. */
  private readonly sound = document.createElement('audio');
  private listening = false;
  readonly rate = new MatchRate();
  private readonly matcher = new FrameMatcher();
  private readonly pump: FramePump;
  private readonly sinks = new Set<FrameSink>();
  private readonly listeners = new Set<() => void>();
  private peer: Peer | undefined;
  private iceServers: RTCIceServer[] = [];
  private figures_: { figures: ViewerFigures; atMs: number } | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private state: WatchState = { phase: 'stopped' };
  /** Those of the camera, best first; empty until known. */
  private renditions: readonly string[] = [];
  private chosen: string | undefined;
  private choice = firstChoice(performance.now());
  private watchAgain = false;
  private readMs = 0;
  private snapshot_: StreamSnapshot = {
    state: this.state,
    hasShown: false,
    atomic: true,
    rendition: undefined,
    automatic: true,
  };

  constructor(
    readonly vehicle: string,
    readonly camera: string,
    private readonly world: StreamWorld,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.autoplay = true;
    this.video.disablePictureInPicture = true;
    this.pump = new FramePump(this.video, this.matcher, (shown) => this.frameShown(shown));
  }

  get snapshot(): StreamSnapshot {
    return this.snapshot_;
  }

  /** What the server told of this session last, and when. */
  get figures(): { figures: ViewerFigures; atMs: number } | undefined {
    return this.figures_;
  }

  /** Undefined without a peer. */
  async readStats(): Promise<Record<string, unknown>[] | undefined> {
    return this.peer?.readStats();
  }

  get shown(): ShownFrame | undefined {
    return this.pump.current;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  addSink(sink: FrameSink): () => void {
    this.sinks.add(sink);
    return () => this.sinks.delete(sink);
  }

  start(): void {
    this.timer ??= setInterval(() => this.tick(), kTickMs);
    this.input({ type: 'start', online: this.world.isOnline() });
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.input({ type: 'stop' });
  }

  /** Whether the camera's sound is to be heard. */
  listen(on: boolean): void {
    this.listening = on;
    // A session that began before the camera had sound has none.
    if (on && !this.sound.srcObject && this.state.phase === 'playing') this.watchAnew();
    this.hear();
  }

  private hear(): void {
    const stream = this.sound.srcObject as MediaStream | null;
    stream?.getAudioTracks().forEach((track) => (track.enabled = this.listening));
    if (stream && this.listening)
      this.sound.play().catch(() => undefined); // A new source interrupts an old play().
    else this.sound.pause();
  }

  /** Something got better (the camera plays again): no need to wait for the next attempt. */
  nudge(): void {
    this.input({ type: 'nudge' });
  }

  /** What the camera says it can give. */
  setRenditions(renditions: readonly string[]): void {
    this.renditions = renditions;
  }

  /** One of the camera's renditions, or undefined: the best one that the link carries. */
  choose(rendition: string | undefined): void {
    const before = this.wanted;
    this.chosen = rendition;
    this.choice = firstChoice(performance.now());
    if (this.wanted !== before) this.watchAnew();
    this.tellState();
  }

  private get wanted(): string | undefined {
    if (this.chosen !== undefined) return this.renditions.includes(this.chosen) ? this.chosen : undefined;
    return this.choice.level > 0 ? this.renditions[this.choice.level] : this.renditions[0];
  }

  /** A session that is asked for already comes first, and is then closed. */
  private watchAnew(): void {
    this.watchAgain = this.state.phase === 'asked';
    if (!this.watchAgain) this.input({ type: 'again' });
  }

  private async readLink(): Promise<void> {
    const { peer } = this;
    this.readMs = performance.now();
    const entries = (await peer?.readStats()) ?? [];
    if (peer !== this.peer) return;
    this.tellSeen(entries);
    this.followLink(reception(entries));
  }

  private tellSeen(entries: Record<string, unknown>[]): void {
    if (this.state.phase !== 'playing') return;
    const seen = viewerSeen(entries, this.shown, this.world.clockOffsetUs());
    this.world.send({ type: 'seen', session: this.state.session, ...seen });
  }

  private followLink(received: Reception | undefined): void {
    const isOn = this.state.phase === 'playing' || this.state.phase === 'negotiating';
    if (!received || this.renditions.length < 2 || this.chosen !== undefined || !isOn) return;
    const before = this.wanted;
    this.choice = nextChoice(this.choice, received, this.renditions.length, performance.now());
    if (this.wanted !== before) {
      this.watchAnew();
      this.tellState();
    }
  }

  connectionChanged(online: boolean): void {
    this.input({ type: online ? 'online' : 'offline' });
  }

  /** A signaling event that is for this camera or for its session; others change nothing. */
  signaled(event: SignalingEvent): void {
    switch (event.type) {
      case 'session':
        if (this.isMine(event)) {
          this.iceServers = event.ice_servers ?? [];
          this.input({ type: 'session', session: event.session });
          if (this.watchAgain) this.watchAnew();
        }
        break;
      case 'offer':
        this.input({ type: 'offer', session: event.session, sdp: event.sdp });
        break;
      case 'candidate':
        if (event.session === this.session) this.peer?.addCandidate(event.mline, event.candidate);
        break;
      case 'figures':
        if (event.session === this.session) this.figures_ = { figures: event, atMs: performance.now() };
        break;
      case 'state':
        if (event.state === 'failed' || event.state === 'closed') {
          const reason = event.detail || 'The server ended the stream.';
          this.input({ type: 'ended', session: event.session, reason });
        }
        break;
      case 'error':
        if (event.session !== undefined) {
          this.input({ type: 'ended', session: event.session, reason: event.message });
        } else if (this.isMine(event)) {
          this.input({ type: 'refused', reason: event.message });
        }
        break;
    }
  }

  private get session(): string | undefined {
    return 'session' in this.state ? this.state.session : undefined;
  }

  private isMine(event: { vehicle?: string; camera?: string }): boolean {
    return event.vehicle === this.vehicle && event.camera === this.camera;
  }

  private tick(): void {
    // A hidden page shows no frames; that is no reason to ask for the stream again.
    if (document.hidden && this.state.phase === 'playing') this.input({ type: 'frame' });
    else this.input({ type: 'tick' });
    const due = performance.now() - this.readMs >= kReadMs;
    if (due && !document.hidden) void this.readLink();
  }

  private input(input: WatchInput): void {
    const { state, actions } = nextWatch(this.state, input, performance.now());
    const phaseChanged = state.phase !== this.state.phase;
    if (phaseChanged && input.type === 'tick' && state.phase === 'waiting')
      this.choice = afterStall(this.choice, this.renditions.length, performance.now());
    this.state = state;
    for (const action of actions) this.perform(action);
    if (phaseChanged) this.tellState();
  }

  private perform(action: WatchAction): void {
    switch (action.do) {
      case 'watch':
        this.peer ??= this.makePeer(); // Made while the server prepares its offer: the first one of a page takes its time.
        this.choice = withNewPeer(this.choice, performance.now());
        this.world.send({
          type: 'watch',
          vehicle: this.vehicle,
          camera: this.camera,
          ...(this.wanted !== undefined && { rendition: this.wanted }),
        });
        break;
      case 'answer':
        void this.answer(action.session, action.sdp);
        break;
      case 'close-session':
        this.world.send({ type: 'close', session: action.session });
        break;
      case 'drop-peer':
        this.dropPeer();
        break;
    }
  }

  private async answer(session: string, sdp: string): Promise<void> {
    this.peer ??= this.makePeer();
    const peer = this.peer;
    try {
      const answer = await peer.answer(sdp);
      if (this.peer === peer) this.world.send({ type: 'answer', session, sdp: answer });
    } catch (error) {
      if (this.peer !== peer) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.world.send({ type: 'close', session });
      this.input({ type: 'ended', session, reason: `The browser cannot take the offered stream: ${reason}` });
    }
  }

  private makePeer(): Peer {
    return new Peer(this.iceServers, {
      onCandidate: (mline, candidate) => {
        const { session } = this;
        if (session !== undefined) this.world.send({ type: 'candidate', session, mline, candidate });
      },
      onVideo: (stream) => {
        this.video.srcObject = stream;
        this.video.play().catch(() => undefined); // Muted video may always play; a new source interrupts an old play().
        this.pump.start();
      },
      onSound: (stream) => {
        this.sound.srcObject = stream;
        this.hear();
      },
      onFrameMessage: (data) => this.messageArrived(data),
      onFailed: (reason) => {
        const { session } = this;
        if (session === undefined) return;
        this.world.send({ type: 'close', session });
        this.input({ type: 'ended', session, reason });
      },
    });
  }

  private dropPeer(): void {
    const last = this.pump.current;
    if (last) this.sinks.forEach((sink) => sink({ ...last, frame: undefined }, true));
    this.peer?.close();
    this.peer = undefined;
    this.figures_ = undefined;
    this.pump.stop();
    this.matcher.clear();
    this.video.srcObject = null;
    this.sound.srcObject = null;
  }

  private messageArrived(data: ArrayBuffer): void {
    const frame = readFrame(data);
    if (!frame) return;
    this.matcher.add(frame, localUtcUs());
    this.pump.messageArrived(frame);
  }

  private frameShown(shown: ShownFrame): void {
    const matched = shown.frame?.values !== undefined;
    if (!shown.repaint) this.rate.shown(matched, shown.shownAtMs);
    else if (matched) this.rate.lateMatch();
    this.sinks.forEach((sink) => sink(shown, false));
    logFrame(this.vehicle, this.camera, shown, this.video);
    this.input({ type: 'frame' });
    if (!this.snapshot_.hasShown || this.snapshot_.atomic !== this.pump.isAtomic) this.tellState(true);
  }

  private tellState(hasShown = this.snapshot_.hasShown): void {
    this.snapshot_ = {
      state: this.state,
      hasShown,
      atomic: this.pump.isAtomic,
      rendition: this.wanted,
      automatic: this.chosen === undefined,
    };
    this.listeners.forEach((listener) => listener());
  }
}
