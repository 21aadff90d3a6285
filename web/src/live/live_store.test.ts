import { describe, expect, test, vi } from 'vitest';

import { LiveStore } from './live_store';

const second = 1_000_000;
const update = (parts: object) => ({ type: 'live', now: 100 * second, vehicles: {}, ...parts });

describe('LiveStore', () => {
  test('keeps what an update does not mention', () => {
    const store = new LiveStore();
    store.apply(
      update({
        full: true,
        vehicles: { kestrel: { kind: 'drone', name: 'Kestrel', link: { state: 'up' } } },
      }),
    );
    store.apply(update({ vehicles: { kestrel: { kind: 'drone', received: 5, telemetry: { time: 4 } } } }));
    expect(store.vehicle('kestrel')).toMatchObject({
      name: 'Kestrel',
      link: { state: 'up' },
      received: 5,
      telemetry: { time: 4 },
    });
  });

  test('forgets everything else at a full update, and tells those who watched it', () => {
    const store = new LiveStore();
    store.apply(update({ vehicles: { gone: { kind: 'drone' }, stays: { kind: 'vessel', name: 'old' } } }));
    const told = vi.fn();
    store.subscribeVehicle('gone', told);
    store.apply(update({ full: true, vehicles: { stays: { kind: 'vessel' } } }));
    expect(store.vehicle('gone')).toBeUndefined();
    expect(store.vehicle('stays')?.name).toBeUndefined();
    expect(told).toHaveBeenCalledTimes(1);
  });

  test('removes a vehicle that the server says was removed', () => {
    const store = new LiveStore();
    store.apply(update({ vehicles: { tern: { kind: 'vessel' } } }));
    store.apply(update({ vehicles: { tern: { kind: 'vessel', removed: true } } }));
    expect(store.ids).toEqual([]);
  });

  test('merges cameras by name', () => {
    const store = new LiveStore();
    store.apply(
      update({ vehicles: { tern: { kind: 'vessel', cameras: { mast: { state: { state: 'playing' } } } } } }),
    );
    store.apply(
      update({ vehicles: { tern: { kind: 'vessel', cameras: { mast: { received: 9 }, aft: {} } } } }),
    );
    expect(store.vehicle('tern')?.cameras).toEqual({
      mast: { state: { state: 'playing' }, received: 9 },
      aft: {},
    });
  });

  test('knows which field is older than the rest, until it comes again', () => {
    const store = new LiveStore();
    const say = (telemetry: object) =>
      store.apply(
        update({
          vehicles: { tern: { kind: 'vessel', received: 9, ...telemetry, cameras: { mast: telemetry } } },
        }),
      );
    const state = () => store.vehicle('tern');
    say({ telemetry: { time: 1, depth_m: 3 }, received_fields: { depth_m: 2 } });
    expect(state()?.received_fields).toEqual({ depth_m: 2 });
    expect(state()?.cameras.mast?.received_fields).toEqual({ depth_m: 2 });
    store.apply(update({ vehicles: { tern: { kind: 'vessel', link: { state: 'up' } } } }));
    expect(state()?.received_fields).toEqual({ depth_m: 2 });
    say({ telemetry: { time: 2, depth_m: 4 } });
    expect(state()?.received_fields).toEqual({});
    expect(state()?.cameras.mast?.received_fields).toEqual({});
  });

  test('tells only the listeners of vehicles that changed, and gives the others the same snapshot', () => {
    const store = new LiveStore();
    store.apply(update({ vehicles: { a: { kind: 'drone' }, b: { kind: 'drone' } } }));
    const [toldA, toldB] = [vi.fn(), vi.fn()];
    store.subscribeVehicle('a', toldA);
    store.subscribeVehicle('b', toldB);
    const before = store.vehicle('b');
    store.apply(update({ vehicles: { a: { kind: 'drone', received: 1 } } }));
    expect(toldA).toHaveBeenCalledTimes(1);
    expect(toldB).not.toHaveBeenCalled();
    expect(store.vehicle('b')).toBe(before);
  });

  test('keeps the same list of ids until the set changes', () => {
    const store = new LiveStore();
    store.apply(update({ vehicles: { b: { kind: 'drone' }, a: { kind: 'drone' } } }));
    const ids = store.ids;
    expect(ids).toEqual(['a', 'b']);
    store.apply(update({ vehicles: { a: { kind: 'drone', received: 2 } } }));
    expect(store.ids).toBe(ids);
  });

  test('forgets AIS targets that were silent for ten minutes', () => {
    const store = new LiveStore();
    store.apply(update({ traffic: { 211: { received: 100 * second, telemetry: { time: 0 } } } }));
    expect([...store.targets.keys()]).toEqual(['211']);
    store.apply(update({ now: 701 * second }));
    expect([...store.targets.keys()]).toEqual([]);
  });

  test('passes new events on, and says when some may have been missed', () => {
    const store = new LiveStore();
    const told = vi.fn();
    store.subscribeEvents(told);
    const event = { id: '1', time: 1, level: 'info', subject: 'pipeline/a', message: 'Applied.' };
    store.apply(update({ events: [event] }));
    store.apply(update({ events: [] }));
    store.apply(update({}));
    store.apply(update({ full: true }));
    expect(told.mock.calls).toEqual([[[event]], [undefined]]);
  });

  test('keeps the open alerts until others are told, and tells who watches them only then', () => {
    const store = new LiveStore();
    const told = vi.fn();
    store.subscribeAlerts(told);
    store.apply(update({ full: true, alerts: [{ id: 'a' }] }));
    store.apply(update({}));
    expect(store.alerts).toEqual([{ id: 'a' }]);
    store.apply(update({ alerts: [] }));
    expect(store.alerts).toEqual([]);
    expect(told).toHaveBeenCalledTimes(2);
  });

  test.each([null, 7, 'live', {}, { type: 'live' }, { type: 'other', now: 1, vehicles: {} }])(
    'ignores a message that is no live update: %j',
    (message) => {
      const store = new LiveStore();
      store.apply(message);
      expect(store.ids).toEqual([]);
      expect(store.clock.offsetUs).toBeUndefined();
    },
  );
});
