// Events of the server: the list that grows, and the notices that somebody still has to see.
import { useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import type { ServerEvent } from '../api/types';

const kKept = 100;

/** Newest first, each once. */
export function mergeEvents(
  known: readonly ServerEvent[],
  incoming: readonly ServerEvent[],
): readonly ServerEvent[] {
  const ids = new Set(known.map(({ id }) => id));
  const news = incoming.filter(({ id }) => !ids.has(id));
  if (news.length === 0) return known;
  return [...known, ...news].sort((a, b) => b.time - a.time).slice(0, kKept);
}

export interface Notice {
  event: ServerEvent;
  shownMs: number;
}

export const kNoticeMs = 8000;
const kMostNotices = 4;

/**
 * The notices after `incoming` at `nowMs`: an info leaves after kNoticeMs, a caution stays until it is dismissed or
 * newer ones need its place.
 */
export function nextNotices(
  notices: readonly Notice[],
  incoming: readonly ServerEvent[],
  nowMs: number,
): readonly Notice[] {
  const kept = notices.filter(
    ({ event, shownMs }) => event.level === 'caution' || nowMs - shownMs < kNoticeMs,
  );
  const known = new Set(kept.map(({ event }) => event.id));
  const news = incoming.filter(({ id }) => !known.has(id)).map((event) => ({ event, shownMs: nowMs }));
  if (news.length === 0 && kept.length === notices.length) return notices;
  return [...kept, ...news].slice(-kMostNotices);
}

export const kEventsKey = ['events'];

/** The newest events, newest first. */
export function useEvents() {
  return useQuery({
    queryKey: kEventsKey,
    queryFn: ({ signal }) => get<ServerEvent[]>('/api/events', signal),
  });
}
