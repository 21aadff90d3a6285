import { expect, test, vi } from 'vitest';

import { Drafts, draftsOf } from './drafts';

const stored = { text: 'title: a\n', version: 7 };

test('an edit is kept with the version that it began from, also when another one is applied meanwhile', () => {
  const drafts = new Drafts();
  drafts.edit('a', 'title: b\n', stored);
  drafts.edit('a', 'title: c\n', { text: 'title: theirs\n', version: 8 });
  expect(drafts.of('a')).toEqual({ text: 'title: c\n', base: 7 });
});

test('a text typed back to what the file says is no draft', () => {
  const drafts = new Drafts();
  drafts.edit('a', 'title: b\n', stored);
  drafts.edit('a', stored.text, stored);
  expect(drafts.of('a')).toBeUndefined();
  expect(drafts.names).toEqual([]);
});

test('a new file begins from nothing applied', () => {
  const drafts = new Drafts();
  drafts.begin('new', '');
  drafts.edit('new', 'title: x', undefined);
  expect(drafts.of('new')).toEqual({ text: 'title: x', base: 0 });
});

test('the list of names is the same one while only texts change', () => {
  const drafts = new Drafts();
  drafts.begin('b', '');
  drafts.begin('a', '');
  const { names } = drafts;
  expect(names).toEqual(['a', 'b']);
  const told = vi.fn();
  drafts.subscribe(told);
  drafts.edit('a', 'x', undefined);
  expect(drafts.names).toBe(names);
  expect(told).toHaveBeenCalledTimes(1);
});

test('closing the page asks first while there are drafts, and users do not see each other’s', () => {
  const drafts = draftsOf('ada');
  const asked = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
  expect(asked()).toBe(false);
  drafts.begin('a', 'x');
  expect(asked()).toBe(true);
  expect(draftsOf('bob').names).toEqual([]);
  expect(draftsOf('ada')).toBe(drafts);
});
