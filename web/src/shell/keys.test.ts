import { expect, test } from 'vitest';

import { isTaken } from './keys';

const within = (html: string) => {
  const host = document.createElement('div');
  host.innerHTML = html;
  return host.querySelector('[data-target]');
};

test.each([
  ['<input data-target type="text">', 'j', true],
  ['<textarea data-target></textarea>', 'Escape', true],
  ['<div contenteditable="true"><p data-target></p></div>', 'a', true],
  ['<button data-target></button>', 'j', false],
  ['<input data-target type="radio">', 'j', false],
  ['<input data-target type="radio">', 'ArrowDown', true],
  ['<input data-target type="checkbox">', ' ', true],
])('in %s the key %j is the control’s own: %s', (html, key, taken) => {
  expect(isTaken({ target: within(html), key })).toBe(taken);
});

test('a key that nothing with the focus wants is the page’s', () => {
  expect(isTaken({ target: window, key: 'j' })).toBe(false);
});
