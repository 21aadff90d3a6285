import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { HoldButton, kHoldMs } from './hold_button';

function shown(disabled = false) {
  const onHeld = vi.fn();
  const place = document.body.appendChild(document.createElement('div'));
  const root = createRoot(place);
  const draw = (off: boolean) =>
    act(() => root.render(<HoldButton label="arm (Kestrel)" disabled={off} onHeld={onHeld} />));
  draw(disabled);
  const button = place.querySelector('button')!;
  const does = (event: Event) => act(() => void button.dispatchEvent(event));
  const pointer = (type: string) => does(new PointerEvent(type, { bubbles: true, button: 0 }));
  const key = (type: string, name: string, repeat = false) =>
    does(new KeyboardEvent(type, { bubbles: true, key: name, repeat }));
  const passes = (ms: number) => act(() => void vi.advanceTimersByTime(ms));
  return { onHeld, button, draw, pointer, key, passes };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
});
afterEach(() => {
  document.body.replaceChildren();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('it names what it does, and does it once after a second', () => {
  const { onHeld, button, pointer, passes } = shown();
  expect(button.textContent).toBe('Hold to confirm: arm (Kestrel)');
  pointer('pointerdown');
  expect(button.dataset['held']).toBe('true');
  passes(kHoldMs - 1);
  expect(onHeld).not.toHaveBeenCalled();
  passes(1);
  expect(onHeld).toHaveBeenCalledTimes(1);
  expect(button.dataset['held']).toBeUndefined();
  passes(10 * kHoldMs);
  expect(onHeld).toHaveBeenCalledTimes(1);
});

test('let go too early, nothing happens, and the second begins anew', () => {
  const { onHeld, pointer, passes } = shown();
  pointer('pointerdown');
  passes(kHoldMs - 1);
  pointer('pointerup');
  passes(kHoldMs);
  pointer('pointerdown');
  passes(kHoldMs - 1);
  expect(onHeld).not.toHaveBeenCalled();
});

test('a held key does it too, and its repetition neither begins anew nor does it twice', () => {
  const { onHeld, key, passes } = shown();
  key('keydown', 'Enter');
  passes(kHoldMs / 2);
  key('keydown', 'Enter', true);
  passes(kHoldMs / 2);
  expect(onHeld).toHaveBeenCalledTimes(1);
  key('keydown', 'Enter', true);
  passes(2 * kHoldMs);
  expect(onHeld).toHaveBeenCalledTimes(1);
});

test('another key, and what forbids it meanwhile, let go', () => {
  const { onHeld, draw, key, passes } = shown();
  key('keydown', ' ');
  key('keydown', 'Tab');
  passes(kHoldMs);
  key('keydown', ' ');
  draw(true);
  draw(false);
  passes(kHoldMs);
  expect(onHeld).not.toHaveBeenCalled();
});
