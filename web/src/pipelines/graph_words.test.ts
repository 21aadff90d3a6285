import { describe, expect, test } from 'vitest';

import {
  capsFields,
  chiefFigure,
  drawnElements,
  elementTrouble,
  flowWords,
  grouped,
  hasStopped,
  kDropsNewsMs,
  nextDrops,
  shortCaps,
  splitName,
} from './graph_words';

test.each([
  [
    'video/x-h264, stream-format=(string)avc, width=(int)1280, height=(int)720, framerate=(fraction)25/1',
    'H.264 1280×720',
  ],
  ['video/x-raw, format=(string)I420, width=(int)640, height=(int)360', 'raw I420 640×360'],
  ['application/x-rtp, media=(string)video, encoding-name=(string)H264, payload=(int)96', 'RTP H264'],
  ['meta/x-klv, parsed=(boolean)true', 'KLV'],
  ['audio/x-vorbis', 'vorbis'],
  ['ANY', 'any'],
  ['', '—'],
  [undefined, '—'],
])('shortCaps of %j is %j', (caps, words) => expect(shortCaps(caps)).toBe(words));

test('capsFields parts at commas that are no part of a list or a text', () => {
  expect(capsFields('video/x-raw, format=(string){ I420, NV12 }, name="a, b", width=(int)2')).toEqual([
    'video/x-raw',
    'format=(string){ I420, NV12 }',
    'name="a, b"',
    'width=(int)2',
  ]);
});

test('flows are said with their units, and dashes for what is not known', () => {
  expect(flowWords({ buffers_per_s: 25, kbit_per_s: 2010.4 })).toBe('25.0/s · 2\u202f010 kbit/s');
  expect(flowWords({ buffers_per_s: 120 })).toBe('120/s · — kbit/s');
  expect(flowWords(undefined)).toBe('—');
  expect(grouped(1234567.89, 1)).toBe('1\u202f234\u202f567.9');
});

test('a flow has stopped when something passed before and nothing does now', () => {
  expect(hasStopped({ buffers_per_s: 0, buffers: 9 })).toBe(true);
  expect(hasStopped({ buffers_per_s: 0, buffers: 0 })).toBe(false);
  expect(hasStopped({ buffers_per_s: 3, buffers: 9 })).toBe(false);
});

describe('drops', () => {
  const sink = (dropped: number) => ({ name: 's', factory: 'x', figures: { 'dropped-frames': dropped } });

  test('stand out for a while after they grew, not for ever', () => {
    let drops = nextDrops(new Map(), [sink(3)], 1000);
    expect(elementTrouble(sink(3), drops, 1000)).toBeUndefined();
    drops = nextDrops(drops, [sink(5)], 2000);
    expect(elementTrouble(sink(5), drops, 2000)).toBe('drops');
    drops = nextDrops(drops, [sink(5)], 3000);
    expect(elementTrouble(sink(5), drops, 3000)).toBe('drops');
    expect(elementTrouble(sink(5), drops, 2000 + kDropsNewsMs)).toBeUndefined();
  });

  test('of a pipeline that began anew count from nothing', () => {
    const drops = nextDrops(nextDrops(new Map(), [sink(5)], 1), [sink(0)], 2);
    expect(elementTrouble(sink(0), drops, 2)).toBeUndefined();
  });

  test('come before an element’s other figures', () => {
    expect(chiefFigure({ name: 's', factory: 'x', figures: { frames_out: 1200, 'dropped-frames': 2 } })).toBe(
      '2 dropped frames',
    );
    expect(chiefFigure({ name: 's', factory: 'x', figures: { frames_out: 1200, dropped: 0 } })).toBe(
      '1\u202f200 frames out',
    );
    expect(chiefFigure({ name: 's', factory: 'x' })).toBeUndefined();
  });
});

test('a full queue says so', () => {
  expect(elementTrouble({ name: 'q', factory: 'queue', level: { fill: 0.95 } }, new Map(), 0)).toBe('full');
  expect(elementTrouble({ name: 'q', factory: 'queue', level: { fill: 0.5 } }, new Map(), 0)).toBeUndefined();
});

test('bins that only hold what is drawn anyway are left out', () => {
  const element = (name: string) => ({ name, factory: 'x' });
  const elements = [element('source'), element('source/depay'), element('lonely'), element('out')];
  expect(drawnElements(elements, [{ from: 'source/depay', to: 'out' }]).map(({ name }) => name)).toEqual([
    'source/depay',
    'lonely',
    'out',
  ]);
  expect(splitName('source/rtsp/depay')).toEqual({ within: 'source/rtsp/', own: 'depay' });
});
