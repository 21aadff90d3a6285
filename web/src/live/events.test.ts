import { expect, test } from 'vitest';

import type { ServerEvent } from '../api/types';
import { kNoticeMs, mergeEvents, nextNotices } from './events';

const event = (id: string, time: number, level: ServerEvent['level'] = 'info'): ServerEvent => ({
  id,
  time,
  level,
  subject: 'pipeline/a',
  message: id,
});

test('events are merged newest first, each once, a hundred at most', () => {
  const merged = mergeEvents([event('b', 2), event('a', 1)], [event('a', 1), event('c', 3)]);
  expect(merged.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  const many = Array.from({ length: 150 }, (_, index) => event(`${index}`, index));
  expect(mergeEvents([], many)).toHaveLength(100);
  expect(mergeEvents([], many)[0]?.id).toBe('149');
});

test('nothing new leaves the same list', () => {
  const known = [event('a', 1)];
  expect(mergeEvents(known, [event('a', 1)])).toBe(known);
});

test('an info leaves by itself, a caution stays', () => {
  const shown = nextNotices([], [event('i', 1), event('c', 2, 'caution')], 1000);
  expect(shown).toHaveLength(2);
  expect(nextNotices(shown, [], 1000 + kNoticeMs - 1)).toBe(shown);
  expect(nextNotices(shown, [], 1000 + kNoticeMs).map(({ event: { id } }) => id)).toEqual(['c']);
});

test('newer notices take the place of older ones', () => {
  const shown = nextNotices(
    [],
    ['1', '2', '3', '4', '5'].map((id) => event(id, 1, 'caution')),
    0,
  );
  expect(shown.map(({ event: { id } }) => id)).toEqual(['2', '3', '4', '5']);
});
