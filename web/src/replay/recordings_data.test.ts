// Lanes, samples by time, chart lines, and segments that are fetched once.
import { expect, it, vi } from 'vitest';

import type { KindVehicle, Telemetry } from '../api/types';
import { chartData, valueAt } from './charts';
import { lanesOf, sampleAt } from './recordings_api';
import { SegmentStore } from './segment_store';
import { askedFor, chosenLane } from './use_replay';

const vehicles = [
  { id: 'tern', name: 'Tern', kind: 'vessel' },
  { id: 'kestrel', name: 'Kestrel', kind: 'drone' },
] as KindVehicle[];

it('orders lanes as the vehicles, keeps removed vehicles, and shows small gaps where they were asked for', () => {
  const coarse = [
    { vehicle: 'gone', camera: 'nose', ranges: [{ from: 0, to: 5 }] },
    { vehicle: 'kestrel', camera: 'nose', ranges: [{ from: 0, to: 100 }] },
    { vehicle: 'tern', camera: 'mast', ranges: [{ from: 7, to: 9 }] },
  ];
  const fine = [
    {
      vehicle: 'kestrel',
      camera: 'nose',
      ranges: [
        { from: 0, to: 40 },
        { from: 50, to: 100 },
      ],
    },
  ];
  const lanes = lanesOf(coarse, fine, { fromUs: 30, toUs: 60 }, vehicles);
  expect(lanes.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'Tern vessel',
    'Kestrel drone',
    'gone drone',
  ]);
  expect(lanes[1]?.ranges).toEqual([
    { fromUs: 0, toUs: 40 },
    { fromUs: 50, toUs: 100 },
  ]);
  expect(chosenLane(lanes, undefined)?.name).toBe('Kestrel');
  expect(chosenLane(lanes, { vehicle: 'tern', camera: '' })?.camera).toBe('mast');
  expect(chosenLane(lanes, { vehicle: 'tern', camera: 'bow' })).toBeUndefined();
});

it('has a lane for a camera that has just begun to record', () => {
  const fine = [{ vehicle: 'tern', camera: 'mast', ranges: [{ from: 30, to: 40 }] }];
  const [lane] = lanesOf([], fine, { fromUs: 0, toUs: 60 }, vehicles);
  expect(lane).toMatchObject({ name: 'Tern', ranges: [{ fromUs: 30, toUs: 40 }] });
});

it('asks for the same again while the view moves a little', () => {
  const view = { fromUs: 1_795_380_000e6, toUs: 1_795_382_400e6 };
  const asked = askedFor(view);
  expect(asked.span.fromUs).toBeLessThan(view.fromUs);
  expect(asked.span.toUs).toBeGreaterThan(view.toUs);
  expect(askedFor({ fromUs: view.fromUs + 1e6, toUs: view.toUs + 1e6 })).toEqual(asked);
});

const samples: Telemetry[] = [10, 20, 30].map((s) => ({ time: s * 1e6, altitude_msl_m: s }));

it('finds the sample of a time', () => {
  expect([9, 10, 29.9, 99].map((s) => sampleAt(samples, s * 1e6)?.time)).toEqual([
    undefined,
    10e6,
    20e6,
    30e6,
  ]);
  expect(sampleAt([], 1)).toBeUndefined();
});

it('breaks a line where nothing was heard, and names no value there', () => {
  const dense = Array.from({ length: 20 }, (_, s) => ({ time: s * 1e6, altitude_msl_m: s }));
  const late = dense.map((sample) => ({ ...sample, time: sample.time + 500e6 }));
  const data = chartData([...dense, ...late], ({ altitude_msl_m }) => altitude_msl_m);
  expect(data[1].filter((value) => value === null)).toHaveLength(1);
  expect(valueAt(data, 5.5e6)).toBe(5);
  expect(valueAt(data, 250e6)).toBeUndefined();
  expect(valueAt(data, undefined)).toBeUndefined();
});

const place = (start: number) => ({ url: '/a.ts', start, end: start + 188 });

it('fetches a segment once for all who want it, and gives up when nobody does', async () => {
  let aborted = 0;
  const fetchBytes = vi.fn(
    (_place: unknown, signal: AbortSignal) =>
      new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(new DOMException('', 'AbortError'));
        });
        setTimeout(() => resolve(new Uint8Array(188)), 5);
      }),
  );
  const store = new SegmentStore(fetchBytes);
  const [first, second] = [new AbortController(), new AbortController()];
  const loads = [store.load(place(0), first.signal), store.load(place(0), second.signal)] as const;
  first.abort();
  await expect(loads[0]).rejects.toThrow();
  expect((await loads[1]).bytes.length).toBe(188);
  await store.load(place(0), first.signal.aborted ? second.signal : first.signal);
  expect(fetchBytes).toHaveBeenCalledTimes(1);
  expect(store.framesOf(place(0))).toEqual([]);

  const third = new AbortController();
  const abandoned = store.load(place(188), third.signal);
  third.abort();
  await expect(abandoned).rejects.toThrow();
  expect(aborted).toBe(1);
  expect((await store.load(place(188), second.signal)).bytes.length).toBe(188);
});

it('does not keep a failure', async () => {
  const fetchBytes = vi.fn().mockRejectedValueOnce(new Error('gone')).mockResolvedValue(new Uint8Array(188));
  const store = new SegmentStore(fetchBytes);
  const { signal } = new AbortController();
  await expect(store.load(place(0), signal)).rejects.toThrow('gone');
  await expect(store.load(place(0), signal)).resolves.toBeDefined();
});
