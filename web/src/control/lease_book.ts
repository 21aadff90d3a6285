// Who may command which vehicle, as the server says, and what it refused. Entries are replaced, never changed.
import type { Lease, Part } from '../api/types';

export interface LeaseEntry {
  /** Undefined: it is free. */
  lease?: Lease | undefined;
  /** Why what was asked for last was not done. */
  refusal?: string;
}

const kFree: LeaseEntry = {};
const keyOf = (vehicle: string, part: Part) => `${vehicle}/${part}`;

export class LeaseBook {
  private entries = new Map<string, LeaseEntry>();
  private heard = new Set<string>();
  private readonly requests = new Map<string, string>();

  of(vehicle: string, part: Part): LeaseEntry {
    return this.entries.get(keyOf(vehicle, part)) ?? kFree;
  }

  /** A lease without a holder is a free one. */
  put(lease: Lease): void {
    const key = keyOf(lease.vehicle, lease.part);
    this.heard.add(key);
    this.entries.set(key, { lease: lease.holder === undefined ? undefined : lease });
  }

  /** Something is asked for with this id: an earlier refusal counts no more. */
  asked(vehicle: string, part: Part, id: string): void {
    const key = keyOf(vehicle, part);
    const { lease } = this.of(vehicle, part);
    this.requests.set(key, id);
    this.entries.set(key, { lease });
  }

  /** False: the id is of no lease's newest request. */
  refused(id: string, refusal: string): boolean {
    const key = [...this.requests].find(([, request]) => request === id)?.[0];
    if (key === undefined) return false;
    this.entries.set(key, { ...this.entries.get(key), refusal });
    return true;
  }

  /** The list that is asked for now will be older than what is heard from now on. */
  listing(): void {
    this.heard = new Set();
  }

  listed(leases: readonly Lease[]): void {
    const kept = [...this.entries].filter(([key]) => this.heard.has(key));
    const news = leases
      .filter(({ vehicle, part }) => !this.heard.has(keyOf(vehicle, part)))
      .map((lease): [string, LeaseEntry] => [keyOf(lease.vehicle, lease.part), { lease }]);
    this.entries = new Map([...kept, ...news]);
  }
}
