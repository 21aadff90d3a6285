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
  kNoHistory,
  kStoppedMs,
  nextHistory,
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

describe('hasStopped', () => {
  const link = (buffers: number) => ({ from: 'a', to: 'b', flow: { buffers } });
  const after = (...told: (readonly [number, number])[]) =>
    told.reduce(
      (history, [buffers, ms]) => nextHistory(history, { elements: [], links: [link(buffers)] }, ms),
      kNoHistory,
    );

  test('is when something passed and nothing has for a while', () => {
    const history = after([5, 0], [9, 1000], [9, 2000]);
    expect(hasStopped(link(9), history, 1000 + kStoppedMs - 1)).toBe(false);
    expect(hasStopped(link(9), history, 1000 + kStoppedMs)).toBe(true);
  });

  test('is not where nothing was seen passing, nor in a pipeline that began anew', () => {
    expect(hasStopped(link(0), after([0, 0], [0, 1000]), 60_000)).toBe(false);
    expect(hasStopped(link(1), after([5, 0], [9, 1000], [1, 2000]), 60_000)).toBe(false);
  });

  test('is not known without figures', () => {
    expect(hasStopped({ from: 'a', to: 'b' }, after([5, 0], [9, 1000]), 60_000)).toBe(false);
  });
});

describe('drops', () => {
  const sink = (dropped: number) => ({ name: 's', factory: 'x', figures: { 'dropped-frames': dropped } });

  const after = (...told: (readonly [number, number])[]) =>
    told.reduce(
      (history, [dropped, ms]) => nextHistory(history, { elements: [sink(dropped)], links: [] }, ms),
      kNoHistory,
    );

  test('stand out for a while after they grew, not for ever', () => {
    expect(elementTrouble(sink(3), after([3, 1000]), 1000)).toBeUndefined();
    expect(elementTrouble(sink(5), after([3, 1000], [5, 2000]), 2000)).toBe('drops');
    const history = after([3, 1000], [5, 2000], [5, 3000]);
    expect(elementTrouble(sink(5), history, 3000)).toBe('drops');
    expect(elementTrouble(sink(5), history, 2000 + kDropsNewsMs)).toBeUndefined();
  });

  test('of a pipeline that began anew count from nothing', () => {
    expect(elementTrouble(sink(0), after([5, 1], [0, 2]), 2)).toBeUndefined();
  });

  test('are no latencies', () => {
    expect(chiefFigure({ name: 's', factory: 'x', figures: { 'min-latency': 3 } })).toBe('3 min latency');
    const counted = nextHistory(
      kNoHistory,
      { elements: [{ name: 's', factory: 'x', figures: { latency: 3 } }], links: [] },
      1,
    );
    expect(counted.drops.size).toBe(0);
  });

  test('come before an element’s other figures', () => {
    expect(chiefFigure({ name: 's', factory: 'x', figures: { frames_out: 1200, 'dropped-frames': 2 } })).toBe(
      '2 dropped frames',
    );
    expect(chiefFigure({ name: 's', factory: 'x', figures: { frames_out: 1200, dropped: 0 } })).toBe(
      '1\u202f200 frames out',
    );
    expect(chiefFigure({ name: 's', factory: 'x' })).toBeUndefined();
    expect(chiefFigure({ name: 't', factory: 'tee', figures: { 'num-src-pads': 1 } })).toBeUndefined();
  });
});

test('a full queue says so', () => {
  expect(elementTrouble({ name: 'q', factory: 'queue', level: { fill: 0.95 } }, kNoHistory, 0)).toBe('full');
  expect(
    elementTrouble({ name: 'q', factory: 'queue', level: { fill: 0.5 } }, kNoHistory, 0),
  ).toBeUndefined();
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
