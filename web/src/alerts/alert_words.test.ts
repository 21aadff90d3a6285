import { expect, test } from 'vitest';

import type { Alert } from '../api/types';
import { newlyRaised, standingOf, summaryOf, titleOf } from './alert_words';

const alert = (id: string, changes: Partial<Alert> = {}): Alert => ({
  id,
  kind: 'geofence',
  vehicle: 'kestrel',
  severity: 'caution',
  state: 'raised',
  message: 'is outside the keep-in fence ‘Harbour’',
  raised: 0,
  updated: 0,
  ...changes,
});

test('the top bar counts what nobody has seen yet, and is quiet about the rest', () => {
  expect(summaryOf([])).toEqual({ level: 'ok', text: 'No alerts', raised: 0 });
  expect(summaryOf([alert('a', { state: 'acknowledged' })])).toEqual({
    level: 'ok',
    text: '1 seen',
    raised: 0,
  });
  const both = summaryOf([alert('a'), alert('b', { severity: 'warning' }), alert('c', { state: 'snoozed' })]);
  expect(both).toEqual({ level: 'alarm', text: '1 warning · 1 caution', raised: 2 });
  expect(summaryOf([alert('a'), alert('b')]).text).toBe('2 cautions');
});

test('the title says by shape and number how bad it is', () => {
  expect(titleOf(summaryOf([]))).toBe('Masthead');
  expect(titleOf(summaryOf([alert('a')]))).toBe('▲ 1 · Masthead');
  expect(titleOf(summaryOf([alert('a', { severity: 'warning' })]))).toBe('■ 1 · Masthead');
});

test('a sound is due for what is new, worse, or raised again', () => {
  const a = alert('a');
  const ids = (before: Alert[], after: Alert[]) => newlyRaised(before, after).map(({ id }) => id);
  expect(ids([], [a])).toEqual(['a']);
  expect(ids([a], [a])).toEqual([]);
  expect(ids([a], [alert('a', { state: 'acknowledged' })])).toEqual([]);
  expect(ids([alert('a', { state: 'snoozed' })], [a])).toEqual(['a']);
  expect(ids([a], [alert('a', { severity: 'warning' })])).toEqual(['a']);
  expect(ids([alert('a', { severity: 'warning' })], [a])).toEqual([]);
});

test('an alert says who has seen it and for how long it is put aside', () => {
  expect(standingOf(alert('a'), 0)).toBeUndefined();
  expect(standingOf(alert('a', { state: 'acknowledged', user: 'olga' }), 0)).toBe('acknowledged by olga');
  const snoozed = alert('a', { state: 'snoozed', user: 'sue', snoozed_until: 100e6 });
  expect(standingOf(snoozed, 0)).toBe('put aside for 2 min by sue');
  expect(standingOf(snoozed, 200e6)).toBe('put aside for 1 min by sue');
});
