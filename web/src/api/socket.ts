// A WebSocket that comes back by itself: back-off, at once when the network returns, and a question to the server
// whether the session still stands when a connection is refused.
import { backoffMs } from './backoff';
import { get } from './client';

export type SocketState = 'connecting' | 'open' | 'waiting' | 'stopped';

export interface SocketHandlers {
  onMessage: (message: unknown) => void;
  onState?: (state: SocketState) => void;
}

/** What the socket needs from the world; tests give their own. */
export interface SocketWorld {
  create: (url: string) => WebSocket;
  /** Asks for the session; a 401 reaches the page through onSignedOut. */
  checkSession: () => void;
}

const realWorld: SocketWorld = {
  create: (url) => new WebSocket(url),
  checkSession: () => {
    get('/api/session').catch(() => undefined);
  },
};

export function socketUrl(
  path: string,
  location: { protocol: string; host: string } = window.location,
): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${path}`;
}

export class ReconnectingSocket {
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private state_: SocketState = 'stopped';

  constructor(
    private readonly path: string,
    private readonly handlers: SocketHandlers,
    private readonly world: SocketWorld = realWorld,
  ) {}

  get state(): SocketState {
    return this.state_;
  }

  start(): void {
    if (this.state_ !== 'stopped') return;
    window.addEventListener('online', this.retryNow);
    document.addEventListener('visibilitychange', this.retryNow);
    this.connect();
  }

  stop(): void {
    window.removeEventListener('online', this.retryNow);
    document.removeEventListener('visibilitychange', this.retryNow);
    clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = undefined;
    this.setState('stopped');
    socket?.close();
  }

  /** False when there is no open connection: the message is not kept for later. */
  send(message: unknown): boolean {
    if (this.state_ !== 'open' || !this.socket) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private readonly retryNow = (): void => {
    if (this.state_ !== 'waiting' || document.hidden) return;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    this.setState('connecting');
    const socket = this.world.create(socketUrl(this.path));
    this.socket = socket;
    let opened = false;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      opened = true;
      this.attempt = 0;
      this.setState('open');
    };
    socket.onmessage = (event: MessageEvent) => {
      if (this.socket !== socket || typeof event.data !== 'string') return;
      let message: unknown;
      try {
        message = JSON.parse(event.data);
      } catch {
        return; // One broken message is no reason to lose the connection.
      }
      this.handlers.onMessage(message);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.socket = undefined;
      // A refused upgrade and a server that is away look the same to a page; only a request can tell.
      if (!opened) this.world.checkSession();
      this.setState('waiting');
      this.timer = setTimeout(() => this.connect(), backoffMs(this.attempt++));
    };
  }

  private setState(state: SocketState): void {
    if (this.state_ === state) return;
    this.state_ = state;
    this.handlers.onState?.(state);
  }
}
