import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { backoffMs, kLongestDelayMs } from './backoff';
import { ReconnectingSocket, socketUrl } from './socket';

class FakeSocket {
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  sent: string[] = [];
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.onclose?.();
  }
}

function harness() {
  const sockets: FakeSocket[] = [];
  const messages: unknown[] = [];
  const states: string[] = [];
  const checkSession = vi.fn();
  const socket = new ReconnectingSocket(
    '/api/telemetry',
    { onMessage: (message) => messages.push(message), onState: (state) => states.push(state) },
    {
      create: () => {
        const fake = new FakeSocket();
        sockets.push(fake);
        return fake as unknown as WebSocket;
      },
      checkSession,
    },
  );
  socket.start();
  return { socket, sockets, messages, states, checkSession };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('comes back by itself after the server went away', () => {
  const { sockets, states } = harness();
  sockets[0]?.onopen?.();
  sockets[0]?.onclose?.();
  expect(states).toEqual(['connecting', 'open', 'waiting']);
  vi.advanceTimersByTime(700);
  expect(sockets).toHaveLength(2);
});

test('asks for the session when a connection was refused, not when one that stood ended', () => {
  const { sockets, checkSession } = harness();
  sockets[0]?.onopen?.();
  sockets[0]?.onclose?.();
  expect(checkSession).not.toHaveBeenCalled();
  vi.advanceTimersByTime(700);
  sockets[1]?.onclose?.();
  expect(checkSession).toHaveBeenCalledTimes(1);
});

test('comes back at once when the network does', () => {
  const { sockets } = harness();
  sockets[0]?.onclose?.();
  window.dispatchEvent(new Event('online'));
  expect(sockets).toHaveLength(2);
});

test('a broken message is dropped and the next one still comes', () => {
  const { sockets, messages } = harness();
  sockets[0]?.onopen?.();
  sockets[0]?.onmessage?.({ data: '{' });
  sockets[0]?.onmessage?.({ data: '{"type":"live"}' });
  expect(messages).toEqual([{ type: 'live' }]);
});

test('sends only over an open connection, and says so', () => {
  const { socket, sockets } = harness();
  expect(socket.send({ a: 1 })).toBe(false);
  sockets[0]?.onopen?.();
  expect(socket.send({ a: 1 })).toBe(true);
  expect(sockets[0]?.sent).toEqual(['{"a":1}']);
});

test('a stopped socket stays stopped', () => {
  const { socket, sockets, states } = harness();
  sockets[0]?.onopen?.();
  socket.stop();
  vi.advanceTimersByTime(60_000);
  window.dispatchEvent(new Event('online'));
  expect(sockets).toHaveLength(1);
  expect(states.at(-1)).toBe('stopped');
});

test('the waiting grows to a bound and is spread', () => {
  expect([0, 1, 2, 3, 4, 50].map((attempt) => backoffMs(attempt, 0.5))).toEqual([
    500, 1000, 2000, 4000, 5000, 5000,
  ]);
  expect(backoffMs(0, 0)).toBe(375);
  expect(backoffMs(50, 0.999)).toBeLessThanOrEqual(kLongestDelayMs * 1.25);
});

test('TLS pages use TLS sockets', () => {
  expect(socketUrl('/api/control', { protocol: 'https:', host: 'ops:8443' })).toBe(
    'wss://ops:8443/api/control',
  );
});
