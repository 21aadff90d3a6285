// What happened, as the timeline, its list and the search show it: rows of the events table, and bookmarks.
import { keepPreviousData, useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import type { Bookmark, ServerEvent } from '../api/types';
import { kRefreshMs, whole, type Lane } from './recordings_api';
import type { Span } from './replay_state';

const kTypes = ['mode', 'link', 'command', 'recording', 'pipeline'] as const;

/** Something that happened at an instant. */
export interface Mark {
  id: string;
  us: number;
  type: (typeof kTypes)[number] | 'event' | 'bookmark';
  level: 'info' | 'caution';
  /** What it is about. */
  title: string;
  detail: string;
  user: string | undefined;
  vehicle: string | undefined;
  camera: string | undefined;
  /** Of a range: its end. */
  toUs?: number;
  bookmark?: Bookmark;
}

/** Vehicles' names by id. */
export type Names = ReadonlyMap<string, string>;

export const namesOf = (lanes: readonly Lane[]): Names =>
  new Map(lanes.map(({ vehicle, name }) => [vehicle, name]));

function markOfEvent({ id, time, level, subject, message, user }: ServerEvent, names: Names): Mark {
  const [kind = '', about = '', camera] = subject.split('/');
  const type = kTypes.find((known) => known === kind) ?? 'event';
  const vehicle = about !== '' && type !== 'pipeline' ? about : undefined;
  const name = vehicle === undefined ? about : (names.get(vehicle) ?? vehicle);
  return {
    id,
    us: time,
    type,
    level: level === 'caution' ? 'caution' : 'info',
    title: [name || kind, camera].filter(Boolean).join(' '),
    detail: message,
    user: user || undefined,
    vehicle,
    camera,
  };
}

function markOfBookmark(bookmark: Bookmark, names: Names): Mark {
  const { id, from, to = from, note, user, vehicle, camera } = bookmark;
  const about = vehicle === undefined ? 'all vehicles' : (names.get(vehicle) ?? vehicle);
  return {
    id,
    us: from,
    type: 'bookmark',
    level: 'info',
    title: [about, camera].filter(Boolean).join(' '),
    detail: note,
    user,
    vehicle,
    camera,
    bookmark,
    ...(to > from && { toUs: to }),
  };
}

/** Oldest first. */
export function marksOf(
  events: readonly ServerEvent[],
  bookmarks: readonly Bookmark[],
  names: Names,
): Mark[] {
  return [
    ...events.map((event) => markOfEvent(event, names)),
    ...bookmarks.map((bookmark) => markOfBookmark(bookmark, names)),
  ].sort((a, b) => a.us - b.us);
}

export const touches = ({ us, toUs = us }: Mark, span: Span) => toUs >= span.fromUs && us < span.toUs;

/** A mark whose instant lies nearer than this to the playhead is where one is. */
const kHereUs = 20_000;

/** The nearest mark after (1) or before (-1) an instant; `marks` oldest first. */
export function neighbour(marks: readonly Mark[], us: number, direction: 1 | -1): Mark | undefined {
  return direction > 0
    ? marks.find((mark) => mark.us > us + kHereUs)
    : marks.findLast((mark) => mark.us < us - kHereUs);
}

export const kMostMarks = 2000;
export const kMarksKey = ['marks'];

export interface MarkQuery {
  span: Span;
  text?: string;
  vehicle?: string | undefined;
}

interface Found {
  events: readonly ServerEvent[];
  bookmarks: readonly Bookmark[];
}

async function fetchMarks({ span, text, vehicle }: MarkQuery, signal: AbortSignal): Promise<Found> {
  const { fromUs, toUs } = whole(span);
  const query = new URLSearchParams({
    from: String(Math.max(0, fromUs)),
    to: String(toUs),
    limit: String(kMostMarks),
  });
  if (text) query.set('text', text);
  const ofVehicle = new URLSearchParams(query);
  if (vehicle) ofVehicle.set('vehicle', vehicle);
  const [events, bookmarks] = await Promise.all([
    get<ServerEvent[]>(`/api/events?${ofVehicle.toString()}`, signal),
    get<Bookmark[]>(`/api/bookmarks?${query.toString()}`, signal),
  ]);
  const isMeant = (bookmark: Bookmark) => !vehicle || !bookmark.vehicle || bookmark.vehicle === vehicle;
  return { events, bookmarks: bookmarks.filter(isMeant) };
}

export function useMarks(asked: MarkQuery, enabled = true) {
  const { span, text, vehicle } = asked;
  return useQuery({
    queryKey: [...kMarksKey, span.fromUs, span.toUs, text, vehicle],
    queryFn: ({ signal }) => fetchMarks(asked, signal),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: kRefreshMs,
    refetchInterval: span.toUs > Date.now() * 1000 ? kRefreshMs : false,
    gcTime: 60_000,
  });
}
