// Commands to vehicles over /api/control, and the newest one of each vehicle with its fate.
import { ApiError, get } from '../api/client';
import { ReconnectingSocket, type SocketState } from '../api/socket';
import type { Command, CommandName, CommandRequest, ControlError } from '../api/types';

/** How long the server may take to say that it wrote the command down. */
export const kConfirmTimeoutMs = 4000;
export const kDeadlineMs = 5000;

export type CommandState = Command['state'] | 'sending' | 'refused';

export interface TrackedCommand {
  id: string;
  vehicle: string;
  /** A name of schema/commands.json. */
  command: string;
  state: CommandState;
  user?: string;
  detail?: string;
  /** UTC microseconds; absent until the server wrote it down. */
  created?: number;
  updated?: number;
}

const kFinal: ReadonlySet<CommandState> = new Set([
  'completed',
  'denied',
  'failed',
  'expired',
  'cancelled',
  'refused',
]);

export function isFinal(state: CommandState): boolean {
  return kFinal.has(state);
}

/** crypto.randomUUID exists in secure contexts only; a server without TLS on another host is none. */
export function newCommandId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

const kOrder: CommandState[] = ['sending', 'queued', 'sent', 'accepted', 'in_progress'];

/** A message that was overtaken (REST answer after WebSocket) must not turn a state back. */
export function isNewer(old: TrackedCommand | undefined, next: TrackedCommand): boolean {
  if (!old) return true;
  if (old.id !== next.id) return (next.created ?? Infinity) >= (old.created ?? 0);
  if (isFinal(old.state)) return old.state === 'refused' || (next.updated ?? 0) > (old.updated ?? 0);
  return isFinal(next.state) || kOrder.indexOf(next.state) >= kOrder.indexOf(old.state);
}

type ControlMessage = Command | ControlError;

export class ControlStore {
  private readonly commands = new Map<string, TrackedCommand>();
  private readonly listeners = new Set<() => void>();
  private readonly socket: ReconnectingSocket;
  private connected_ = false;

  constructor(
    socketFor = (handlers: ConstructorParameters<typeof ReconnectingSocket>[1]) =>
      new ReconnectingSocket('/api/control', handlers),
  ) {
    this.socket = socketFor({
      onMessage: (message) => this.received(message as ControlMessage),
      onState: (state) => this.connectionChanged(state),
    });
  }

  start(): void {
    this.socket.start();
  }

  stop(): void {
    this.socket.stop();
  }

  get connected(): boolean {
    return this.connected_;
  }

  /** The vehicle's newest command. */
  newest(vehicle: string): TrackedCommand | undefined {
    return this.commands.get(vehicle);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  send(vehicle: string, command: CommandName): void {
    const id = newCommandId();
    const request: CommandRequest = { type: 'command', id, vehicle, command, deadline_ms: kDeadlineMs };
    if (!this.socket.send(request)) {
      this.put({ id, vehicle, command, state: 'refused', detail: 'Not sent: no connection to the server.' });
      return;
    }
    this.put({ id, vehicle, command, state: 'sending' });
    setTimeout(() => {
      const newest = this.commands.get(vehicle);
      if (newest?.id !== id || newest.state !== 'sending') return;
      const detail = 'The server has not confirmed it. It may still be carried out: watch the vehicle.';
      this.put({ ...newest, state: 'refused', detail });
    }, kConfirmTimeoutMs);
  }

  private received(message: ControlMessage): void {
    if (message?.type === 'command') {
      if (isNewer(this.commands.get(message.vehicle), message)) this.put(message);
      return;
    }
    if (message?.type !== 'error' || message.id === undefined) return;
    for (const command of this.commands.values()) {
      if (command.id === message.id) this.put({ ...command, state: 'refused', detail: message.message });
    }
  }

  private connectionChanged(state: SocketState): void {
    const connected = state === 'open';
    if (connected === this.connected_) return;
    this.connected_ = connected;
    if (connected) void this.catchUp();
    this.tell();
  }

  /** What happened while nobody listened. */
  private async catchUp(): Promise<void> {
    try {
      const commands = await get<Command[]>('/api/commands');
      for (const command of commands.reverse()) {
        if (isNewer(this.commands.get(command.vehicle), command)) this.commands.set(command.vehicle, command);
      }
      this.tell();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // The socket tells the news; the past can wait for the next connect.
    }
  }

  private put(command: TrackedCommand): void {
    this.commands.set(command.vehicle, command);
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}
