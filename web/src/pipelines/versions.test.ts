import { describe, expect, test } from 'vitest';

import type { PipelineVersion } from '../api/types';
import { previousVersion, whoApplied } from './versions';

const version = (number: number, text: string, restores?: number): PipelineVersion => ({
  version: number,
  applied: number,
  user: '',
  text,
  ...(restores === undefined ? {} : { restores }),
});
const back = (versions: PipelineVersion[], applied: number) => previousVersion(versions, applied)?.version;

describe('previousVersion', () => {
  test('is the one before', () => {
    expect(back([version(3, 'c'), version(2, 'b'), version(1, 'a')], 3)).toBe(2);
  });

  test('goes on from what a roll-back restored, not back to what it left', () => {
    const versions = [version(4, 'b', 2), version(3, 'c'), version(2, 'b'), version(1, 'a')];
    expect(back(versions, 4)).toBe(1);
    expect(back([version(5, 'b', 4), ...versions], 5)).toBe(1);
  });

  test('passes over versions with the very same text', () => {
    expect(back([version(3, 'b'), version(2, 'b'), version(1, 'a')], 3)).toBe(1);
  });

  test('is none for the first version and for a file that was never applied', () => {
    expect(back([version(1, 'a')], 1)).toBeUndefined();
    expect(back([version(2, 'a', 1), version(1, 'a')], 2)).toBeUndefined();
    expect(back([], 0)).toBeUndefined();
  });
});

test('a version without a user was changed in the folder', () => {
  expect(whoApplied(version(1, 'a'))).toBe('changed in the folder');
  expect(whoApplied({ ...version(1, 'a'), user: 'ada' })).toBe('ada');
});
