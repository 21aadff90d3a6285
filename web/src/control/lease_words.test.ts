import { expect, test } from 'vitest';

import type { Lease } from '../api/types';
import { holderWords, leaseButtons, leaseKey, leaseNote } from './lease_words';

const held = (more: Partial<Lease> = {}): Lease => ({
  type: 'lease',
  vehicle: 'kestrel',
  part: 'vehicle',
  holder: 'bob',
  since: 43_391_000_000,
  asked_by: [],
  ...more,
});

test('everyone reads who holds it, since when, and when it becomes free', () => {
  expect(holderWords(undefined, 'olga', 0)).toBe('free');
  expect(holderWords(held(), 'olga', 0)).toMatch(/^bob, since 12:03:11/);
  expect(holderWords(held(), 'bob', 0)).toMatch(/^you, since 12:03:11/);
  expect(holderWords(held({ ends: 9_500_000 }), 'olga', 1_000_000)).toBe('bob is away: free in 9 s');
});

test('what can be done depends on who holds it and who asks', () => {
  expect(leaseButtons({}, 'olga', 'operator')).toEqual(['take']);
  expect(leaseButtons({ lease: held() }, 'bob', 'operator')).toEqual(['release', 'hand_over']);
  expect(leaseButtons({ lease: held() }, 'olga', 'operator')).toEqual(['request']);
  expect(leaseButtons({ lease: held() }, 'sue', 'supervisor')).toEqual(['request', 'force']);
  expect(leaseButtons({ lease: held({ offered_to: 'olga' }) }, 'olga', 'operator')).toEqual(['take']);
});

test('one’s own lease can be taken here when it may be held elsewhere', () => {
  expect(leaseButtons({ lease: held({ ends: 5 }) }, 'bob', 'operator')).toContain('take');
  expect(leaseButtons({ lease: held(), refusal: "'bob' holds the lease" }, 'bob', 'operator')).toContain(
    'take',
  );
});

test('the key gives back what is held here, else it takes', () => {
  expect(leaseKey(held(), 'bob')).toBe('release');
  expect(leaseKey(held({ ends: 5 }), 'bob')).toBe('take');
  expect(leaseKey(held(), 'olga')).toBe('take');
  expect(leaseKey(undefined, 'olga')).toBe('take');
});

test('the note says what matters most', () => {
  expect(leaseNote({ lease: held({ reason: 'fire' }) }, 'olga')).toBe('Taken by force: fire');
  expect(leaseNote({ lease: held({ reason: 'fire' }), refusal: 'no' }, 'olga')).toBe('no');
  expect(leaseNote({ lease: held({ offered_to: 'olga' }) }, 'olga')).toContain('hands it over to you');
  expect(leaseNote({ lease: held({ asked_by: ['olga'] }) }, 'olga')).toBe('You asked bob for it.');
});
