// What is open beside the panel, at the edge of the stage: it moves nothing.
import { CloseButton } from '@mantine/core';
import { useLayoutEffect, useRef, type ReactNode } from 'react';

export interface SheetProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

export function Sheet({ title, onClose, children }: SheetProps) {
  const sheet = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const here = sheet.current;
    const wanted = here?.querySelectorAll<HTMLElement>('[data-autofocus], .command-menu button:enabled');
    (wanted?.[0] ?? here)?.focus();
    return () => {
      if (before instanceof HTMLElement && here?.contains(document.activeElement)) before.focus();
    };
  }, []);
  return (
    <div
      ref={sheet}
      className="sheet"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h3>{title}</h3>
        <CloseButton size="sm" aria-label="Close" onClick={onClose} />
      </header>
      {children}
    </div>
  );
}
