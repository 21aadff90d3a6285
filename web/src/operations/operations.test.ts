// Exports and imports before they are sent, and the disk, in words.
import { expect, it } from 'vitest';

import type { Disk } from '../api/types';
import { diskState, failureOf } from './disk';
import { importAddress, importErrors, type ImportDraft } from './import_draft';
import { bytesText, exportOf, newExport } from './operations_api';

const camera = { vehicle: 'tern', camera: 'mast' };

it('exports the marked range in the camera’s own time, else a minute around the picture', () => {
  expect(newExport(camera, { fromUs: 10e6, toUs: 20e6 }, 15e6, 500_000)).toMatchObject({
    fromUs: 9.5e6,
    toUs: 19.5e6,
  });
  expect(newExport(camera, undefined, 100e6, 0)).toMatchObject({ fromUs: 70e6, toUs: 130e6, package: true });
});

it('says what of an export is wrong before the server has to', () => {
  const draft = newExport(camera, { fromUs: 10, toUs: 20 }, 0, 0);
  expect(exportOf({ ...draft, contents: ['events', 'ts'], note: ' for the court ' })).toEqual({
    ...camera,
    from: 10,
    to: 20,
    contents: ['ts', 'events'],
    package: true,
    note: 'for the court',
  });
  expect(exportOf({ ...draft, toUs: undefined })).toMatch(/UTC/);
  expect(exportOf({ ...draft, toUs: 10 })).toMatch(/end after/);
  expect(exportOf({ ...draft, toUs: 10 + 86_400e6 + 1 })).toMatch(/24 hours/);
  expect(exportOf({ ...draft, contents: [] })).toMatch(/at least one/);
});

const importDraft: ImportDraft = {
  file: new File(['x'], 'a.ts'),
  log: undefined,
  vehicle: 'tern',
  camera: 'mast',
  beginUs: undefined,
  hasBegin: false,
};

it('says what of an import is missing or wrong', () => {
  expect(importErrors(importDraft)).toEqual({});
  expect(
    Object.keys(importErrors({ ...importDraft, file: undefined, vehicle: 'My Boat', camera: '' })),
  ).toEqual(['file', 'vehicle', 'camera']);
  expect(importErrors({ ...importDraft, file: new File([], 'a.ts') })).toHaveProperty('file');
  expect(importErrors({ ...importDraft, hasBegin: true })).toHaveProperty('begin');
});

it('asks for an import with all that is known', () => {
  expect(importAddress(importDraft, 'a b.ts', undefined)).toBe(
    '/api/imports?vehicle=tern&camera=mast&name=a+b.ts',
  );
  expect(importAddress({ ...importDraft, beginUs: 5.5 }, 'a.ts', 'log1')).toBe(
    '/api/imports?vehicle=tern&camera=mast&name=a.ts&begin=5&log=log1',
  );
});

it('writes sizes in three figures at most', () => {
  expect([0, 999, 1000, 12_345, 999_499, 999_501, 4.2e9].map(bytesText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '12.3 kB',
    '999 kB',
    '1.0 MB',
    '4.2 GB',
  ]);
});

it('warns of a disk that fills within three days, and knows which camera is not recorded', () => {
  const disk: Disk = {
    free_bytes: 5e9,
    total_bytes: 100e9,
    failing: [{ ...camera, detail: 'read-only file system' }],
  };
  expect(diskState(disk)).toMatchObject({ level: 'ok', text: '5.0 GB free' });
  expect(diskState({ ...disk, days_until_full: 12.7 })).toMatchObject({
    level: 'ok',
    text: 'disk full in 12 days',
  });
  expect(diskState({ ...disk, days_until_full: 1.2 })).toMatchObject({
    level: 'caution',
    text: 'disk full in 1 day',
  });
  expect(diskState({ ...disk, days_until_full: 0.2 }).text).toBe('disk full within a day');
  expect(failureOf(disk, 'tern', 'mast')).toBe('read-only file system');
  expect(failureOf(disk, 'tern', 'bow')).toBeUndefined();
});
