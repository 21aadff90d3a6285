// A button that acts only when it is held down, by pointer or key, for a second.
import { useEffect, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';

export const kHoldMs = 1000;
const kStyle = { '--hold-ms': `${kHoldMs}ms` } as CSSProperties;

const isPress = ({ key }: KeyboardEvent) => key === 'Enter' || key === ' ';

export interface HoldButtonProps {
  /** What is done, and to whom. */
  label: string;
  disabled?: boolean;
  onHeld: () => void;
}

export function HoldButton({ label, disabled = false, onHeld }: HoldButtonProps) {
  const [held, setHeld] = useState(false);
  if (held && disabled) setHeld(false);
  const newest = useRef(onHeld);
  useEffect(() => {
    newest.current = onHeld;
  });
  useEffect(() => {
    if (!held) return;
    const timer = setTimeout(() => {
      setHeld(false);
      newest.current();
    }, kHoldMs);
    return () => clearTimeout(timer);
  }, [held]);
  const letGo = () => setHeld(false);
  return (
    <button
      type="button"
      className="hold-button"
      disabled={disabled}
      data-held={held || undefined}
      style={kStyle}
      onPointerDown={({ button }) => setHeld(button === 0)}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      onPointerCancel={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isPress(event)) return setHeld(false);
        event.preventDefault();
        if (!event.repeat) setHeld(true);
      }}
      onKeyUp={letGo}
      onBlur={letGo}
    >
      {held ? 'Keep holding' : 'Hold to confirm'}: {label}
    </button>
  );
}
