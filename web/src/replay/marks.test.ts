// What happened: marks of events and bookmarks, the way from one to the next, and bookmarks that are being written.
import { expect, it } from 'vitest';

import type { Bookmark, ServerEvent } from '../api/types';
import { draftOfBookmark, editOf } from './bookmarks_api';
import { rowsAround } from './events_panel';
import { marksOf, neighbour, touches, type Mark } from './marks';
import { marksAt } from './timeline_draw';

const event = (id: string, time: number, subject: string, more: Partial<ServerEvent> = {}): ServerEvent => ({
  id,
  time,
  level: 'info',
  subject,
  message: 'message',
  ...more,
});
const bookmark: Bookmark = {
  id: 'a',
  from: 5,
  to: 10,
  vehicle: 'kestrel',
  camera: 'gimbal',
  note: 'man overboard',
  user: 'ada',
  protects: true,
  created: 0,
};
const names = new Map([['kestrel', 'Kestrel']]);

it('shows events and bookmarks in one order, each by what it is about', () => {
  const events = [
    event('1', 30, 'pipeline/kestrel', { level: 'caution', user: 'ada' }),
    event('2', 20, 'command/kestrel', { message: 'hold accepted' }),
    event('3', 7, 'recording/kestrel/gimbal'),
    event('4', 40, 'disk'),
    event('5', 50, 'mode/gone'),
  ];
  expect(marksOf(events, [bookmark], names)).toMatchObject([
    { us: 5, toUs: 10, type: 'bookmark', title: 'Kestrel gimbal', detail: 'man overboard', user: 'ada' },
    { us: 7, type: 'recording', title: 'Kestrel gimbal', vehicle: 'kestrel', camera: 'gimbal' },
    { us: 20, type: 'command', title: 'Kestrel', detail: 'hold accepted' },
    { us: 30, type: 'pipeline', level: 'caution', title: 'kestrel', vehicle: undefined },
    { us: 40, type: 'event', title: 'disk', vehicle: undefined },
    { us: 50, type: 'mode', title: 'gone', vehicle: 'gone' },
  ]);
});

const marks: Mark[] = marksOf(
  [1e6, 2e6, 3e6].map((time) => event(String(time), time, 'disk')),
  [{ ...bookmark, from: 1.5e6, to: 2.5e6 }],
  names,
);

it('goes to the next and the previous mark, and does not stay on one where the frame began just before it', () => {
  expect(neighbour(marks, 1e6 - 10_000, 1)?.us).toBe(1.5e6);
  expect(neighbour(marks, 1e6 + 10_000, -1)).toBeUndefined();
  expect(neighbour(marks, 2.5e6, -1)?.us).toBe(2e6);
  expect(neighbour(marks, 3e6, 1)).toBeUndefined();
});

it('finds the marks under the pointer, and a range wherever it reaches', () => {
  const view = { fromUs: 0, toUs: 4e6 };
  expect(marksAt(view, marks, 400, 100).map(({ us }) => us)).toEqual([1e6]);
  expect(marksAt(view, marks, 400, 230).map(({ us }) => us)).toEqual([1.5e6]);
  expect(marks.filter((mark) => touches(mark, { fromUs: 2.2e6, toUs: 2.3e6 }))).toHaveLength(1);
});

it('lists the rows around the picture, and knows which is the newest by then', () => {
  expect(rowsAround(marks, 2.1e6).current).toBe('2000000');
  expect(rowsAround(marks, 0).current).toBeUndefined();
  const many = marksOf(
    Array.from({ length: 1000 }, (_, at) => event(String(at), at, 'disk')),
    [],
    names,
  );
  const { rows, current } = rowsAround(many, 999);
  expect([rows.length, rows.at(-1)?.id, current]).toEqual([300, '999', '999']);
  expect(rowsAround(many, undefined).rows[0]?.id).toBe('0');
  expect(rowsAround(many, 500).rows.some(({ id }) => id === '500')).toBe(true);
});

it('writes a bookmark for a camera, a vehicle or all, and says what is missing', () => {
  const draft = draftOfBookmark(bookmark);
  const { from, to, vehicle, camera, note, protects } = bookmark;
  expect(editOf(draft)).toEqual({ from, to, vehicle, camera, note, protects });
  expect(editOf({ ...draft, scope: 'vehicle' })).not.toHaveProperty('camera');
  expect(editOf({ ...draft, scope: 'all' })).not.toHaveProperty('vehicle');
  expect(editOf({ ...draft, note: ' ' })).toMatch(/note/);
  expect(editOf({ ...draft, toUs: 4 })).toMatch(/end before/);
  expect(editOf({ ...draft, fromUs: undefined })).toMatch(/UTC/);
});
