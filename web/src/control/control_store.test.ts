import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { ReconnectingSocket, SocketHandlers } from '../api/socket';
import { kKept } from './command_history';
import { ControlStore, kConfirmTimeoutMs } from './control_store';

interface Sent {
  type: string;
  id: string;
}

function harness(online = true) {
  let handlers: SocketHandlers | undefined;
  const sent: Sent[] = [];
  const store = new ControlStore((given) => {
    handlers = given;
    return {
      start: () => undefined,
      stop: () => undefined,
      send: (message: Sent) => {
        if (online) sent.push(message);
        return online;
      },
    } as unknown as ReconnectingSocket;
  });
  const say = (message: object) => handlers?.onMessage(message);
  const newest = () => store.history('kestrel')[0];
  const connect = () => handlers?.onState?.('open');
  return { store, sent, say, newest, connect };
}

/** What the server lists when it is asked. */
function answer(lists: Record<string, object[]>) {
  const fetched = (path: string) => Promise.resolve(new Response(JSON.stringify(lists[path])));
  vi.stubGlobal('fetch', vi.fn(fetched));
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const command = (state: string, more: object = {}) => ({
  type: 'command',
  vehicle: 'kestrel',
  command: 'hold',
  user: 'ann',
  created: 1,
  updated: 1,
  deadline: 9,
  state,
  ...more,
});

const lease = (more: object = {}) => ({
  type: 'lease',
  vehicle: 'kestrel',
  part: 'vehicle',
  asked_by: [],
  ...more,
});

test('a command is followed from sending to completed', () => {
  const { store, sent, say, newest } = harness();
  store.send('kestrel', 'hold');
  expect(newest()?.state).toBe('sending');
  for (const state of ['queued', 'sent', 'accepted', 'completed']) {
    say(command(state, { id: sent[0]?.id }));
    expect(newest()?.state).toBe(state);
  }
  expect(store.history('kestrel')).toHaveLength(1);
});

test('a command takes its parameters and its reason with it', () => {
  const { store, sent } = harness();
  store.send('kestrel', 'takeoff', { parameters: { altitude_m: 40 }, reason: 'the survey begins' });
  expect(sent[0]).toMatchObject({
    type: 'command',
    command: 'takeoff',
    parameters: { altitude_m: 40 },
    reason: 'the survey begins',
  });
});

test('without a connection nothing is sent, and it says so', () => {
  const { store, sent, newest } = harness(false);
  store.send('kestrel', 'return');
  store.act('kestrel', 'vehicle', { action: 'take' });
  expect(sent).toEqual([]);
  expect(newest()).toMatchObject({
    state: 'refused',
    detail: expect.stringContaining('no connection') as string,
  });
  expect(store.lease('kestrel', 'vehicle').refusal).toContain('no connection');
});

test('a refusal of the server reaches the command it is about', () => {
  const { store, sent, say, newest } = harness();
  store.send('kestrel', 'hold');
  say({ type: 'error', id: sent[0]?.id, error: 'forbidden', message: 'The role viewer may not command.' });
  expect(newest()).toMatchObject({ state: 'refused', detail: 'The role viewer may not command.' });
});

test('a server that stays silent is not taken for one that obeyed', () => {
  const { store, newest } = harness();
  store.send('kestrel', 'hold');
  vi.advanceTimersByTime(kConfirmTimeoutMs);
  expect(newest()).toMatchObject({
    state: 'refused',
    detail: expect.stringContaining('may still be carried out') as string,
  });
});

test('an overtaken message does not turn a state back, and a late answer is kept', () => {
  const { say, newest } = harness();
  say(command('expired', { id: 'a', updated: 5 }));
  say(command('sent', { id: 'a', updated: 3 }));
  expect(newest()?.state).toBe('expired');
  say(command('expired', { id: 'a', updated: 6, steps: [{ state: 'accepted', time: 6, late: true }] }));
  expect(newest()?.steps).toHaveLength(1);
});

test('the newest commands of a vehicle are kept, newest first', () => {
  const { store, say } = harness();
  for (let made = 1; made <= kKept + 2; made += 1)
    say(command('completed', { id: `${made}`, created: made }));
  say(command('completed', { id: 'other', vehicle: 'tern' }));
  say(command('completed', { id: 'old', created: 0 }));
  expect(store.history('kestrel').map(({ id }) => id)).toEqual(['10', '9', '8', '7', '6', '5', '4', '3']);
  expect(store.history('tern')).toHaveLength(1);
});

test('a refused cancel leaves the command as it is', () => {
  const { store, sent, say, newest } = harness();
  say(command('queued', { id: 'a' }));
  store.cancel('a');
  expect(sent[0]).toEqual({ type: 'cancel', id: 'a' });
  say(command('sent', { id: 'a', updated: 2 }));
  say({ type: 'error', id: 'a', error: 'conflict', message: 'the command has left' });
  expect(newest()).toMatchObject({ state: 'sent', cancelRefused: 'the command has left' });
});

test('a lease is followed from hand to hand until it is free', () => {
  const { store, say } = harness();
  expect(store.lease('kestrel', 'vehicle').lease).toBeUndefined();
  say(lease({ holder: 'ann', since: 1, asked_by: ['bob'] }));
  expect(store.lease('kestrel', 'vehicle').lease).toMatchObject({ holder: 'ann', asked_by: ['bob'] });
  expect(store.lease('kestrel', 'payload').lease).toBeUndefined();
  say(lease());
  expect(store.lease('kestrel', 'vehicle').lease).toBeUndefined();
});

test('a refusal stands at its lease until something else is asked for', () => {
  const { store, sent, say } = harness();
  say(lease({ holder: 'ann', since: 1 }));
  store.act('kestrel', 'vehicle', { action: 'take' });
  say({ type: 'error', id: sent[0]?.id, error: 'conflict', message: 'ann holds the lease' });
  expect(store.lease('kestrel', 'vehicle')).toMatchObject({
    lease: { holder: 'ann' },
    refusal: 'ann holds the lease',
  });
  store.act('kestrel', 'vehicle', { action: 'request' });
  expect(store.lease('kestrel', 'vehicle').refusal).toBeUndefined();
});

test('a new connection learns the leases, and what was said meanwhile is newer than the list', async () => {
  answer({
    '/api/commands': [command('completed', { id: 'b', created: 2 }), command('denied', { id: 'a' })],
    '/api/leases': [lease({ holder: 'ann', since: 1 }), lease({ vehicle: 'tern', holder: 'bob', since: 1 })],
  });
  const { store, say, connect } = harness();
  say(lease({ vehicle: 'heron', holder: 'eve', since: 1 }));
  connect();
  say(lease({ holder: 'cy', since: 2 }));
  await vi.waitFor(() => expect(store.lease('tern', 'vehicle').lease?.holder).toBe('bob'));
  expect(store.lease('kestrel', 'vehicle').lease?.holder).toBe('cy');
  expect(store.lease('heron', 'vehicle').lease).toBeUndefined();
  expect(store.history('kestrel').map(({ id }) => id)).toEqual(['b', 'a']);
});
