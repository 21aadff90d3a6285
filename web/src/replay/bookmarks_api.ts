// Bookmarks: what is changed on the server, and what of a draft is wrong.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { request } from '../api/client';
import type { Bookmark, BookmarkEdit } from '../api/types';
import { kMarksKey } from './marks';

export type BookmarkChange = { id: string | undefined; edit: BookmarkEdit } | { remove: string };

function changeBookmark(change: BookmarkChange): Promise<Bookmark | undefined> {
  if ('remove' in change) return request('DELETE', `/api/bookmarks/${encodeURIComponent(change.remove)}`);
  const { id, edit } = change;
  return id === undefined
    ? request('POST', '/api/bookmarks', edit)
    : request('PUT', `/api/bookmarks/${encodeURIComponent(id)}`, edit);
}

export function useBookmarkChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: changeBookmark,
    onSettled: () => queries.invalidateQueries({ queryKey: kMarksKey }),
  });
}

export type Scope = 'camera' | 'vehicle' | 'all';

export interface BookmarkDraft {
  scope: Scope;
  vehicle: string;
  camera: string;
  fromUs: number | undefined;
  /** The same as `fromUs`: an instant. */
  toUs: number | undefined;
  note: string;
  protects: boolean;
}

export function draftOfBookmark({ vehicle, camera, from, to, note, protects }: Bookmark): BookmarkDraft {
  return {
    scope: camera ? 'camera' : vehicle ? 'vehicle' : 'all',
    vehicle: vehicle ?? '',
    camera: camera ?? '',
    fromUs: from,
    toUs: to,
    note,
    protects,
  };
}

/** The request, or in words what is missing. */
export function editOf(draft: BookmarkDraft): BookmarkEdit | string {
  const { scope, vehicle, camera, fromUs, toUs, note, protects } = draft;
  if (note.trim() === '') return 'A note says what is to be seen here.';
  if (fromUs === undefined || toUs === undefined) return 'When it begins and ends must be UTC times.';
  if (toUs < fromUs) return 'It must not end before it begins.';
  return {
    ...(scope !== 'all' && { vehicle }),
    ...(scope === 'camera' && { camera }),
    from: Math.floor(fromUs),
    to: Math.floor(toUs),
    note: note.trim(),
    protects,
  };
}
