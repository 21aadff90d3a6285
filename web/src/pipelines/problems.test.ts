import { describe, expect, test } from 'vitest';

import { problemRange, problemWords } from './problems';

const text = 'title: x\ningest:\n  launch: videotestsrc ! x264ecn bitrate=${rate}\n';
const marked = (line: number | undefined, column: number | undefined, of = text) => {
  const { from, to } = problemRange(of, {
    message: '',
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  });
  return of.slice(from, to);
};

describe('problemRange', () => {
  test('marks the word at the place', () => {
    expect(marked(3, 26)).toBe('x264ecn');
    expect(marked(2, 1)).toBe('ingest');
  });

  test('marks the whole line where no column is known, and the first where no line is', () => {
    expect(marked(3, undefined)).toBe('launch: videotestsrc ! x264ecn bitrate=${rate}');
    expect(marked(undefined, undefined)).toBe('title: x');
  });

  test('marks something also at a line’s end, in an empty text’s place, and past the last line', () => {
    expect(marked(1, 9)).toBe('\n');
    expect(marked(1, 400)).toBe('\n');
    expect(marked(99, 1)).toBe('\n');
    expect(problemRange('', { message: '', line: 1, column: 1 })).toEqual({ from: 0, to: 0 });
  });

  test('counts columns in bytes', () => {
    expect(marked(1, 14, 'a: "é–" # oops')).toBe('oops');
  });
});

test('problemWords names the place as far as it is known', () => {
  expect(problemWords({ line: 7, column: 12, message: 'There is no element.' })).toBe(
    'line 7, column 12: There is no element.',
  );
  expect(problemWords({ line: 7, message: 'A key is missing.' })).toBe('line 7: A key is missing.');
  expect(problemWords({ message: 'No text.' })).toBe('No text.');
});
