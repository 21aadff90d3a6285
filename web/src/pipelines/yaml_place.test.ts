import { describe, expect, test } from 'vitest';

import { entriesOf, keysBelow, placeAt } from './yaml_place';

/** The place of `|` in the text. */
const at = (marked: string) => placeAt(marked.replace('¦', ''), marked.indexOf('¦'));

describe('placeAt', () => {
  test.each([
    ['¦', [], 'key'],
    ['title: x\ntele¦', [], 'key'],
    ['telemetry:\n  sou¦', ['telemetry'], 'key'],
    ['telemetry:\n  ¦\n  max_wait_ms: 1', ['telemetry'], 'key'],
    ['telemetry:\n  source: li¦', ['telemetry', 'source'], 'value'],
    ['telemetry:\n  source: link\n¦', [], 'key'],
    ['telemetry:\n\n  source: link\n\n  ¦', ['telemetry'], 'key'],
    ['renditions:\n  small:\n    width: 640\n  big:\n    ¦', ['renditions', 'big'], 'key'],
    ['a:\n  # b:\n  ¦', ['a'], 'key'],
    ['a:\n  b: 1 # so ¦', ['a', 'b'], 'text'],
  ])('finds block keys and values: %j', (text, path, role) => {
    expect(at(text)).toEqual({ path, role });
  });

  test.each([
    ['parameters:\n  uri: {ty¦', ['parameters', 'uri'], 'key'],
    ['parameters:\n  uri: {type: u¦', ['parameters', 'uri', 'type'], 'value'],
    ['parameters:\n  uri: {type: uri, ¦}', ['parameters', 'uri'], 'key'],
    ['outputs: {restream: {rendition: ¦', ['outputs', 'restream', 'rendition'], 'value'],
    ['outputs: {restream: {rendition: a}, ¦', ['outputs'], 'key'],
    ['outputs:\n  webrtc: {\n    ren¦', ['outputs', 'webrtc'], 'key'],
    ['renditions:\n  a: {encoders: [x264enc, ¦', ['renditions', 'a', 'encoders'], 'value'],
    ['renditions:\n  a:\n    encoders:\n      - x¦', ['renditions', 'a', 'encoders'], 'value'],
    ['a: {b: "x, ¦', ['a', 'b'], 'text'],
    ['a: {b: "x: y", c: ¦', ['a', 'c'], 'value'],
    ['a: {b: ${x}, ¦', ['a'], 'key'],
    ["a: {b: the camera's own, ¦", ['a'], 'key'],
    ["a: {b: 'the camera, ¦", ['a', 'b'], 'text'],
  ])('finds its way through braces and brackets: %j', (text, path, role) => {
    expect(at(text)).toEqual({ path, role });
  });

  test('an apostrophe quotes nothing', () => {
    expect(at("title: the camera's\n¦")).toEqual({ path: [], role: 'key' });
    expect(at("a:\n  b: {c: the camera's address}\n  ¦")).toEqual({ path: ['a'], role: 'key' });
  });

  test('a parameter in a plain value opens no braces', () => {
    expect(at('ingest:\n  uri: ${uri}\n  ¦')).toEqual({ path: ['ingest'], role: 'key' });
    expect(at('ingest:\n  uri: ${u¦')).toEqual({ path: ['ingest', 'uri'], role: 'value' });
  });

  test('a block scalar is text, whatever stands in it, until a line is indented less', () => {
    const launch = 'ingest:\n  launch: |\n    videotestsrc name: x {\n    ! caps\n';
    expect(at(launch + '    ¦')).toEqual({ path: ['ingest', 'launch'], role: 'text' });
    expect(at(launch + '  ¦')).toEqual({ path: ['ingest'], role: 'key' });
    expect(at(launch + 'outputs:\n  ¦')).toEqual({ path: ['outputs'], role: 'key' });
  });
});

test('entriesOf lists every key with its path, in blocks and in braces', () => {
  const text = 'parameters:\n  uri: {type: uri}\n  "max wait": {type: integer}\ningest: {uri: "${uri}"}\n';
  const entries = entriesOf(text);
  expect(entries.map(({ path }) => path.join('.'))).toEqual([
    'parameters',
    'parameters.uri',
    'parameters.uri.type',
    'parameters.max wait',
    'parameters.max wait.type',
    'ingest',
    'ingest.uri',
  ]);
  expect(text.slice(entries[2]?.from).startsWith('type: uri')).toBe(true);
  expect(keysBelow(entries, ['parameters'])).toEqual(['uri', 'max wait']);
});
