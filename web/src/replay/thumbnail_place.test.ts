// Places of bytes, frames and files by instant.
import { expect, it } from 'vitest';

import { framesIn } from './recorded_segments';
import type { SegmentFrame } from './segment_frames';
import { snapshotAddress, snapshotName } from './snapshot';
import { firstPlace } from './thumbnail_place';
import { ticks } from './timeline_scale';

const address = 'http://127.0.0.1/api/recordings/tern/mast/playlist.m3u8?from=1';

it('finds the first byte range of a playlist', () => {
  const playlist = [
    '#EXTM3U',
    '#EXT-X-PROGRAM-DATE-TIME:2026-11-22T14:03:22.000Z',
    '#EXTINF:2.0,',
    '#EXT-X-BYTERANGE:376@188',
    '2026-11-22/140000.ts',
    '#EXTINF:2.0,',
    '#EXT-X-BYTERANGE:99@564',
    '2026-11-22/140000.ts',
  ];
  const url = 'http://127.0.0.1/api/recordings/tern/mast/2026-11-22/140000.ts';
  expect(firstPlace(playlist.join('\n'), address)).toEqual({ url, start: 188, end: 564 });
  expect(firstPlace(playlist.join('\r\n'), address)?.end).toBe(564);
  expect(firstPlace('#EXTM3U\n#EXT-X-ENDLIST', address)).toBeUndefined();
  expect(firstPlace('#EXTM3U\nwhole.ts', address)).toBeUndefined();
});

it('names the frames of a span as far as they were loaded', () => {
  const place = (start: number) => ({ url: '/a.ts', start, end: start + 188 });
  const segments = [0, 1].map((at) => ({ place: place(at), utcUs: at * 1e6, durationUs: 1e6, run: 0 }));
  const frame = (utcUs: number) => ({ pts: 0, message: { utcUs } }) as SegmentFrame;
  const framesOf = ({ start }: { start: number }) => (start === 0 ? [0, 0.5e6, 0.9e6].map(frame) : undefined);
  expect(framesIn(segments, framesOf, 0.4e6, 2e6)).toEqual([0.5e6, 0.9e6]);
});

it('names a snapshot by camera and capture time to the microsecond', () => {
  const camera = { vehicle: 'tern', camera: 'mast' };
  const us = Date.UTC(2026, 10, 22, 14, 3, 22) * 1000 + 123_456;
  expect(snapshotName(camera, us)).toBe('tern-mast-20261122T140322.123456Z.png');
  expect(snapshotAddress(camera, us)).toBe(`/api/recordings/tern/mast/snapshot.png?at=${us}`);
});

it('has the first days of months where a week is too narrow', () => {
  const view = { fromUs: Date.UTC(2026, 3, 10) * 1000, toUs: Date.UTC(2027, 1, 10) * 1000 };
  const labels = ticks(view, 1100).map(({ label, isMajor }) => `${label}${isMajor ? '!' : ''}`);
  expect(labels.slice(0, 2)).toEqual(['2026-05', '2026-06']);
  expect(labels).toContain('2027-01!');
  expect(ticks({ ...view, toUs: view.fromUs + 400 * 86_400e6 }, 300).map(({ label }) => label)).toEqual([
    '2026-07',
    '2027-01',
  ]);
});
