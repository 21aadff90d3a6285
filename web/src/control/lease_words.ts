// A lease as people read it: who holds it, what else is to be said, and what can be done about it. Pure.
import type { Lease, LeaseRequest, Role } from '../api/types';
import { utcTime } from '../hud/format';
import { mayAct } from '../session/session';
import type { LeaseEntry } from './lease_book';

export type LeaseHand = 'free' | 'mine' | 'other';

export function handOf(lease: Lease | undefined, user: string): LeaseHand {
  if (lease === undefined) return 'free';
  return lease.holder === user ? 'mine' : 'other';
}

const secondsTo = (us: number, nowUs: number) => Math.max(0, Math.ceil((us - nowUs) / 1e6));

export function holderWords(lease: Lease | undefined, user: string, nowUs: number): string {
  const hand = handOf(lease, user);
  if (lease === undefined || hand === 'free') return 'free';
  const name = hand === 'mine' ? 'you' : (lease.holder ?? '');
  if (lease.ends === undefined) return `${name}, since ${utcTime(lease.since, false)}`;
  const away = hand === 'mine' ? 'you, at another place' : `${name} is away`;
  return `${away}: free in ${secondsTo(lease.ends, nowUs)} s`;
}

/** The one thing to know besides the holder. */
export function leaseNote({ lease, refusal }: LeaseEntry, user: string): string | undefined {
  if (refusal !== undefined) return refusal;
  if (lease?.offered_to === user) return `${lease.holder} hands it over to you: take control.`;
  if (lease?.offered_to !== undefined) return `Handed over: waits for ${lease.offered_to} to take it.`;
  if (lease?.reason !== undefined) return `Taken by force: ${lease.reason}`;
  if (lease?.asked_by.includes(user)) return `You asked ${lease.holder} for it.`;
  return undefined;
}

/** What a button does; those with "…" want a name or a reason first. */
export type LeaseButton = 'take' | 'release' | 'hand_over' | 'request' | 'force';

export const kLeaseButtons: Readonly<Record<LeaseButton, string>> = {
  take: 'Take control',
  release: 'Release',
  hand_over: 'Hand over…',
  request: 'Ask for it',
  force: 'Take by force…',
} satisfies Partial<Record<LeaseRequest['action'], string>>;

export function leaseButtons({ lease, refusal }: LeaseEntry, user: string, role: Role): LeaseButton[] {
  const hand = handOf(lease, user);
  if (hand === 'free') return ['take'];
  if (hand === 'mine') {
    const maybeElsewhere = lease?.ends !== undefined || refusal !== undefined;
    return maybeElsewhere ? ['take', 'release'] : ['release', 'hand_over'];
  }
  const ask: LeaseButton = lease?.offered_to === user ? 'take' : 'request';
  return mayAct(role, 'supervisor') ? [ask, 'force'] : [ask];
}

/** What one key does: gives back what is held, else takes what can be had. The server says so if it cannot. */
export const leaseKey = (lease: Lease | undefined, user: string): 'take' | 'release' =>
  handOf(lease, user) === 'mine' && lease?.ends === undefined ? 'release' : 'take';
