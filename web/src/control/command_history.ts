// The newest commands of each vehicle, each with its chain. Arrays are replaced, never changed.
import type { Command } from '../api/types';

export type CommandState = Command['state'] | 'sending' | 'refused';

/** A command as far as it is known: before the server wrote it down there is little more than its name. */
export interface TrackedCommand extends Partial<Omit<Command, 'state'>> {
  id: string;
  vehicle: string;
  command: string;
  state: CommandState;
  /** Why the server would not cancel it. */
  cancelRefused?: string;
}

export const kKept = 8;
const kNone: readonly TrackedCommand[] = [];

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

/** A message that was overtaken (REST answer after WebSocket) must not turn a state back. */
function isOvertaken(old: TrackedCommand, next: TrackedCommand): boolean {
  return (next.updated ?? 0) < (old.updated ?? 0);
}

export class CommandHistory {
  private readonly vehicles = new Map<string, readonly TrackedCommand[]>();

  /** Newest first. */
  of(vehicle: string): readonly TrackedCommand[] {
    return this.vehicles.get(vehicle) ?? kNone;
  }

  find(id: string): TrackedCommand | undefined {
    return [...this.vehicles.values()].flat().find((command) => command.id === id);
  }

  put(command: TrackedCommand): void {
    const known = this.of(command.vehicle);
    const old = known.find(({ id }) => id === command.id);
    if (old && isOvertaken(old, command)) return;
    const all = old ? known.map((each) => (each === old ? command : each)) : [command, ...known];
    const made = ({ created = Infinity }: TrackedCommand) => created;
    const sorted = all.toSorted((a, b) => (made(a) === made(b) ? 0 : made(b) - made(a)));
    this.vehicles.set(command.vehicle, sorted.slice(0, kKept));
  }
}
