// What somebody may do with a vehicle now, and in words why not. Pure.
import type { CommandRow, Kind, Part, Role } from '../api/types';
import { kCommands } from '../generated/commands';
import { mayAct } from '../session/session';
import type { LeaseEntry } from './lease_book';

export interface Standing {
  user: string;
  role: Role;
  connected: boolean;
  leases: Readonly<Record<Part, LeaseEntry>>;
}

export const kParts: readonly Part[] = ['vehicle', 'payload'];

/** Those of the bar; a mission is uploaded where it is drawn. */
export function commandsOf(kind: Kind): readonly CommandRow[] {
  return kCommands.filter(({ kinds, mission }) => kinds.includes(kind) && mission !== 'upload');
}

export const rowOf = (command: string) => kCommands.find(({ name }) => name === command);
export const titleOf = (command: string) => rowOf(command)?.title ?? command;

const roleNeeded = (needed: Role, role: Role) => `Needs the role ${needed}; yours is ${role}.`;

/** Why nothing at all may be asked for; undefined: it may. */
export function whyNothing({ role, connected }: Omit<Standing, 'leases'>): string | undefined {
  if (!mayAct(role, 'operator')) return roleNeeded('operator', role);
  if (!connected) return 'No connection: nothing can be sent.';
  return undefined;
}

/** Why the part's lease keeps its commands from being sent. */
export function whyNotPart(part: Part, standing: Standing): string | undefined {
  const { lease } = standing.leases[part];
  if (lease === undefined) return `Take control first: nobody holds the ${part}’s lease.`;
  if (lease.holder !== standing.user) return `${lease.holder} holds the ${part}’s lease.`;
  // Whoever reads this is connected: the session that is away is another one.
  return lease.ends === undefined
    ? undefined
    : `You hold the ${part}’s lease at another place: take it here.`;
}

/** Why a command may not be sent; undefined: it may. */
export function whyNot(row: CommandRow, standing: Standing): string | undefined {
  const nothing = whyNothing(standing);
  if (nothing !== undefined) return nothing;
  if (!mayAct(standing.role, row.role)) return roleNeeded(row.role, standing.role);
  return row.emergency ? undefined : whyNotPart(row.part, standing);
}
