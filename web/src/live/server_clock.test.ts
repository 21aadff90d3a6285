import { expect, test } from 'vitest';

import { ServerClock } from './server_clock';

test('a message that was long on its way does not set the clock back', () => {
  const clock = new ServerClock();
  clock.update(5_000_000, 1_000_000);
  clock.update(5_100_000, 1_900_000);
  expect(clock.nowUs(2_000_000)).toBeGreaterThan(5_999_000);
});

test('the fastest message wins', () => {
  const clock = new ServerClock();
  clock.update(5_000_000, 1_000_000);
  clock.update(6_030_000, 2_000_000);
  expect(clock.offsetUs).toBe(4_030_000);
});

test('a server clock that was set back is followed within twenty updates', () => {
  const clock = new ServerClock();
  clock.update(100_000_000, 0);
  for (let tick = 1; tick <= 20; tick += 1) clock.update(50_000_000 + tick * 100_000, tick * 100_000);
  expect(clock.offsetUs).toBe(50_000_000);
});
