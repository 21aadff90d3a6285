// All watched cameras over one signaling socket. A camera that is seen in two places is one stream.
import { ReconnectingSocket } from '../api/socket';
import type { SignalingEvent, SignalingRequest } from '../api/types';
import { VideoStream } from './video_stream';

/** A view that moves from one place to another gives the stream back and takes it again: so long it stays. */
const kLingerMs = 1500;

const kEventTypes = new Set(['session', 'offer', 'candidate', 'state', 'error', 'figures']);

function isSignalingEvent(message: unknown): message is SignalingEvent {
  const type = (message as { type?: unknown } | null)?.type;
  return typeof type === 'string' && kEventTypes.has(type);
}

interface Entry {
  stream: VideoStream;
  users: number;
  lingering: ReturnType<typeof setTimeout> | undefined;
}

export class StreamHub {
  private readonly entries = new Map<string, Entry>();
  private readonly socket = new ReconnectingSocket('/api/signaling', {
    onMessage: (message) => {
      if (isSignalingEvent(message)) this.entries.forEach(({ stream }) => stream.signaled(message));
    },
    onState: (state) => this.entries.forEach(({ stream }) => stream.connectionChanged(state === 'open')),
  });

  /** `clockOffsetUs`: as StreamWorld's. */
  constructor(private readonly clockOffsetUs: () => number | undefined) {}

  start(): void {
    this.socket.start();
  }

  stop(): void {
    for (const entry of this.entries.values()) {
      clearTimeout(entry.lingering);
      entry.stream.stop();
    }
    this.entries.clear();
    this.socket.stop();
  }

  /** The camera's stream, watched until `release` is called as often. */
  acquire(vehicle: string, camera: string): VideoStream {
    const key = `${vehicle}/${camera}`;
    let entry = this.entries.get(key);
    if (!entry) {
      const world = {
        send: (request: SignalingRequest) => this.socket.send(request),
        isOnline: () => this.socket.state === 'open',
        clockOffsetUs: this.clockOffsetUs,
      };
      entry = { stream: new VideoStream(vehicle, camera, world), users: 0, lingering: undefined };
      this.entries.set(key, entry);
      entry.stream.start();
    }
    clearTimeout(entry.lingering);
    entry.users += 1;
    return entry.stream;
  }

  release(stream: VideoStream): void {
    const key = `${stream.vehicle}/${stream.camera}`;
    const entry = this.entries.get(key);
    if (entry?.stream !== stream) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.lingering = setTimeout(() => {
      this.entries.delete(key);
      stream.stop();
    }, kLingerMs);
  }
}
