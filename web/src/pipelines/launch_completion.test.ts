import { expect, test } from 'vitest';

import { launchProposals } from './launch_completion';

const labels = (before: string) => launchProposals(before).map(({ label }) => label);

test('an element stands at the beginning and after each link', () => {
  expect(labels('')).toEqual(expect.arrayContaining(['videotestsrc', 'x264enc', 'mispsei']));
  expect(labels('videotestsrc is-live=true !\n    ')).toContain('x264enc');
});

test('behind an element stand its properties that it does not have yet, and its name', () => {
  const found = labels('videotestsrc is-live=true ! x264enc tune=zerolatency ');
  expect(found).toEqual(expect.arrayContaining(['bitrate', 'key-int-max', 'name']));
  expect(found).not.toContain('tune');
  expect(found).not.toContain('is-live');
});

test.each(['videotestsrc pattern=', 'video/x-raw,format=I420 ', 'filesrc ', 'constructor '])(
  'nothing is proposed for values, caps, and what the web may not use: %j',
  (before) => expect(labels(before)).toEqual([]),
);
