// Commands to vehicles over /api/control, the newest of each vehicle with their fate, and who holds the leases.
import { ApiError, get } from '../api/client';
import { ReconnectingSocket, type SocketState } from '../api/socket';
import type {
  Command,
  CommandCancel,
  CommandName,
  CommandRequest,
  ControlError,
  Lease,
  LeaseRequest,
  Part,
} from '../api/types';
import { CommandHistory, type TrackedCommand } from './command_history';
import { LeaseBook, type LeaseEntry } from './lease_book';

/** How long the server may take to say that it wrote the command down. */
export const kConfirmTimeoutMs = 4000;
export const kDeadlineMs = 5000;
const kNotConnected = 'Not sent: no connection to the server.';

/** crypto.randomUUID exists in secure contexts only; a server without TLS on another host is none. */
export function newCommandId(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

type ControlMessage = Command | Lease | ControlError;
export type CommandMore = Pick<CommandRequest, 'parameters' | 'reason'>;
export type LeaseAct = Pick<LeaseRequest, 'action' | 'to' | 'reason'>;

export class ControlStore {
  private readonly commands = new CommandHistory();
  private readonly leases = new LeaseBook();
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

  /** The vehicle's commands, newest first. */
  history(vehicle: string): readonly TrackedCommand[] {
    return this.commands.of(vehicle);
  }

  lease(vehicle: string, part: Part): LeaseEntry {
    return this.leases.of(vehicle, part);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  send(vehicle: string, command: CommandName, more: CommandMore = {}): void {
    const id = newCommandId();
    const request: CommandRequest = {
      type: 'command',
      id,
      vehicle,
      command,
      deadline_ms: kDeadlineMs,
      ...more,
    };
    if (!this.socket.send(request)) {
      this.put({ id, vehicle, command, ...more, state: 'refused', detail: kNotConnected });
      return;
    }
    this.put({ id, vehicle, command, ...more, state: 'sending' });
    setTimeout(() => {
      const sent = this.commands.find(id);
      if (sent?.state !== 'sending') return;
      const detail = 'The server has not confirmed it. It may still be carried out: watch the vehicle.';
      this.put({ ...sent, state: 'refused', detail });
    }, kConfirmTimeoutMs);
  }

  /** Only what waits can be cancelled. */
  cancel(id: string): void {
    const request: CommandCancel = { type: 'cancel', id };
    if (!this.socket.send(request)) this.cancelRefused(id, kNotConnected);
  }

  act(vehicle: string, part: Part, act: LeaseAct): void {
    const id = newCommandId();
    const request: LeaseRequest = { type: 'lease', id, vehicle, part, ...act };
    this.leases.asked(vehicle, part, id);
    if (!this.socket.send(request)) this.leases.refused(id, kNotConnected);
    this.tell();
  }

  private received(message: ControlMessage): void {
    if (message?.type === 'command') {
      this.put(message);
    } else if (message?.type === 'lease') {
      this.leases.put(message);
      this.tell();
    } else if (message?.type === 'error' && message.id !== undefined) {
      this.refused(message.id, message.message);
    }
  }

  private refused(id: string, why: string): void {
    const command = this.commands.find(id);
    if (this.leases.refused(id, why)) {
      this.tell();
    } else if (command?.state === 'sending') {
      this.put({ ...command, state: 'refused', detail: why });
    } else {
      this.cancelRefused(id, why);
    }
  }

  private cancelRefused(id: string, why: string): void {
    const command = this.commands.find(id);
    if (command) this.put({ ...command, cancelRefused: why });
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
    this.leases.listing();
    try {
      const [commands, leases] = await Promise.all([
        get<Command[]>('/api/commands'),
        get<Lease[]>('/api/leases'),
      ]);
      commands.toReversed().forEach((command) => this.commands.put(command));
      this.leases.listed(leases);
      this.tell();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // The socket tells the news; the past can wait for the next connect.
    }
  }

  private put(command: TrackedCommand): void {
    this.commands.put(command);
    this.tell();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}
