import { describe, expect, test } from 'vitest';

import { explanationAt, proposalsAt, schemaAt, type Schema } from './completion';

const at = (marked: string) => proposalsAt(marked.replace('¦', ''), marked.indexOf('¦'));
const labels = (marked: string) => at(marked)?.items.map(({ label }) => label);

describe('proposalsAt', () => {
  test('proposes the keys of the place that are not there yet', () => {
    expect(labels('title: x\n¦')).toEqual(expect.arrayContaining(['parameters', 'ingest', 'outputs']));
    expect(labels('title: x\n¦')).not.toContain('title');
    expect(labels('telemetry:\n  source: link\n  max¦')).toEqual(
      expect.arrayContaining(['max_wait_ms', 'max_age_ms']),
    );
    expect(labels('telemetry:\n  source: link\n  max¦')).not.toContain('source');
  });

  test('proposes keys below a name that the file chooses', () => {
    expect(labels('parameters:\n  uri: {type: uri, ¦}')).toEqual(
      expect.arrayContaining(['description', 'default', 'minimum']),
    );
    expect(labels('renditions:\n  small:\n    wi¦')).toContain('width');
  });

  test('proposes in one of several cameras what it proposes in the file', () => {
    expect(labels('cameras:\n  thermal:\n    ¦')).toEqual(['ingest', 'telemetry', 'renditions', 'outputs']);
    expect(labels('cameras:\n  thermal:\n    ingest:\n      u¦')).toContain('uri');
    expect(labels('renditions:\n  low: {}\ncameras:\n  thermal: {outputs: {webrtc: {renditions: [¦')).toEqual(
      ['source', 'low'],
    );
    expect(labels('cameras:\n  thermal:\n    ingest:\n      launch: |\n        videote¦')).toContain(
      'videotestsrc',
    );
  });

  test('keeps proposing the key that is being changed', () => {
    expect(labels('telemetry:\n  sourc¦: link')).toContain('source');
  });

  test('proposes the values of an enumeration, of a list of them, and of a boolean', () => {
    expect(labels('telemetry:\n  source: ¦')).toEqual(['link', 'embedded', 'both', 'none']);
    expect(labels('renditions:\n  a: {encoders: [¦')).toContain('x264enc');
    expect(labels('telemetry: {footprint: ¦')).toEqual(['true', 'false']);
  });

  test('proposes declared parameters after ${, and closes the brace once', () => {
    const file = 'parameters:\n  uri: {type: uri}\n  rate: {type: integer}\ningest:\n';
    expect(at(file + '  uri: ${¦')?.items.map(({ apply }) => apply)).toEqual(['uri}', 'rate}']);
    expect(at(file + '  uri: ${u¦}')?.items.map(({ apply }) => apply)).toEqual(['uri', 'rate']);
    expect(labels(file + '  launch: |\n    videotestsrc rate=${¦')).toEqual(['uri', 'rate']);
  });

  test('proposes declared renditions where one is named', () => {
    const declared = 'renditions:\n  small: {}\n  big: {}\noutputs:\n  ';
    expect(labels(declared + 'webrtc: {renditions: [¦')).toEqual(['source', 'small', 'big']);
    expect(labels(declared + 'restream: {a: {rendition: ¦')).toEqual(['small', 'big']);
  });

  test('proposes elements and their properties in a launch fragment', () => {
    expect(labels('ingest:\n  launch: |\n    video¦')).toContain('videotestsrc');
    expect(labels('ingest:\n  launch: |\n    videotestsrc ! x264enc tune=zerolatency bit¦')).toContain(
      'bitrate',
    );
    expect(labels('ingest:\n  launch: vid¦')).toContain('videotestsrc');
  });

  test('replaces the word that was begun', () => {
    expect(at('telemetry:\n  sou¦')?.from).toBe('telemetry:\n  '.length);
  });

  test.each(['nonsense:\n  ¦', 'title: ¦', '# tit¦'])(
    'proposes nothing where the grammar has nothing: %j',
    (text) => expect(at(text)).toBeUndefined(),
  );
});

test('schemaAt follows references', () => {
  const root: Schema = {
    properties: { list: { $ref: '#/definitions/named' } },
    ...{ definitions: { named: { additionalProperties: { enum: ['a', 'b'] } } } },
  };
  expect(schemaAt(['list', 'anything'], root)?.enum).toEqual(['a', 'b']);
  expect(schemaAt(['other'], root)).toBeUndefined();
});

test('explanationAt says what a key means', () => {
  const text = 'telemetry:\n  max_wait_ms: 60\n';
  expect(explanationAt(text, text.indexOf('max') + 2)?.text).toContain('how long a frame may wait');
  expect(explanationAt(text, text.indexOf('60'))).toBeUndefined();
});
