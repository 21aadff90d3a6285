// One table of keys: what the page listens to is what `?` shows.
import { useEffect, useRef } from 'react';

export interface KeyAction {
  /** KeyboardEvent.key values that trigger it. */
  keys: readonly string[];
  /** How the keys are written in the help. */
  shown: string;
  what: string;
  act: (key: string) => void;
}

const kChoice = 'input[type="radio"], input[type="checkbox"]';
const kTyping = 'input, textarea, select, [contenteditable="true"]';

/** The key belongs to what has the focus: text that is typed, or a choice that arrows and space change. */
export function isTaken({ target, key }: Pick<KeyboardEvent, 'target' | 'key'>): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches(kChoice)) return key === ' ' || key.startsWith('Arrow');
  return target.closest(kTyping) !== null;
}

/** Listens while the component is mounted; not while somebody types or a dialog is open. */
export function useKeys(actions: readonly KeyAction[]): void {
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || isTaken(event)) return;
      if (document.querySelector('[aria-modal="true"]')) return;
      const action = newest.current.find(({ keys }) => keys.includes(event.key));
      if (!action) return;
      event.preventDefault();
      action.act(event.key);
    };
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}
