import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { ReconnectingSocket, SocketHandlers } from '../api/socket';
import { commandChain } from './control_panel';
import { ControlStore, isNewer, kConfirmTimeoutMs, type TrackedCommand } from './control_store';

function harness(online = true) {
  let handlers: SocketHandlers | undefined;
  const sent: { id: string; command: string }[] = [];
  const store = new ControlStore((given) => {
    handlers = given;
    return {
      start: () => undefined,
      stop: () => undefined,
      send: (message: { id: string; command: string }) => {
        if (online) sent.push(message);
        return online;
      },
    } as unknown as ReconnectingSocket;
  });
  const say = (message: object) => handlers?.onMessage(message);
  return { store, sent, say };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

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

test('a command is followed from sending to completed', () => {
  const { store, sent, say } = harness();
  store.send('kestrel', 'hold');
  const id = sent[0]?.id;
  expect(store.newest('kestrel')?.state).toBe('sending');
  for (const state of ['queued', 'sent', 'accepted', 'completed']) {
    say(command(state, { id }));
    expect(store.newest('kestrel')?.state).toBe(state);
  }
});

test('without a connection nothing is sent, and it says so', () => {
  const { store, sent } = harness(false);
  store.send('kestrel', 'return');
  expect(sent).toEqual([]);
  expect(store.newest('kestrel')).toMatchObject({
    state: 'refused',
    detail: expect.stringContaining('no connection') as string,
  });
});

test('a refusal of the server reaches the command it is about', () => {
  const { store, sent, say } = harness();
  store.send('kestrel', 'hold');
  say({ type: 'error', id: sent[0]?.id, error: 'forbidden', message: 'The role viewer may not command.' });
  expect(store.newest('kestrel')).toMatchObject({
    state: 'refused',
    detail: 'The role viewer may not command.',
  });
});

test('a server that stays silent is not taken for one that obeyed', () => {
  const { store } = harness();
  store.send('kestrel', 'hold');
  vi.advanceTimersByTime(kConfirmTimeoutMs);
  expect(store.newest('kestrel')).toMatchObject({
    state: 'refused',
    detail: expect.stringContaining('may still be carried out') as string,
  });
});

test('an overtaken message does not turn a state back', () => {
  const old = {
    id: 'a',
    vehicle: 'k',
    command: 'hold',
    state: 'completed',
    updated: 5,
    created: 1,
  } as TrackedCommand;
  expect(isNewer(old, { ...old, state: 'sent', updated: 3 })).toBe(false);
  expect(isNewer({ ...old, state: 'sent' }, { ...old, state: 'denied' })).toBe(true);
  expect(isNewer(old, { ...old, id: 'b', created: 0 })).toBe(false);
  expect(isNewer(old, { ...old, id: 'b', created: 2, state: 'queued' })).toBe(true);
});

test('the chain marks what was passed, where it is and what lies ahead', () => {
  expect(commandChain('sent').map(({ mark }) => mark)).toEqual(['done', 'now', 'ahead', 'ahead']);
  expect(commandChain('in_progress').map(({ word }) => word)).toEqual([
    'queued',
    'sent',
    'in progress',
    'completed',
  ]);
  expect(commandChain('completed').every(({ mark }) => mark === 'done')).toBe(true);
  expect(commandChain('denied')).toEqual([{ word: 'denied', mark: 'bad' }]);
});
