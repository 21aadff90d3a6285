// The playhead's UTC; a click lets one type another.
import { TextInput, Tooltip } from '@mantine/core';
import { useState, type RefObject } from 'react';

import { utcDate, utcTime } from '../hud/format';
import type { ReplaySession } from './replay_session';
import { useReading } from './use_session';
import { parseUtc } from './utc_text';

const readTime = (session: ReplaySession) => Math.floor((session.utcUs ?? NaN) / 1000);

export function UtcField({
  session,
  field,
  onSeek,
}: {
  session: ReplaySession;
  field: RefObject<HTMLInputElement | null>;
  onSeek: (us: number) => void;
}) {
  const ms = useReading(session, readTime);
  const [typed, setTyped] = useState<string>();
  const [wrong, setWrong] = useState(false);
  const known = Number.isFinite(ms);
  const text = known ? `${utcDate(ms * 1000)} ${utcTime(ms * 1000)}` : '';
  const end = () => {
    setTyped(undefined);
    setWrong(false);
  };
  return (
    <Tooltip
      label="2026-11-22 14:03:22.5 · 14:03 · 221403ZNOV26 · +5m · −30s · now · microseconds"
      opened={typed !== undefined}
      position="top"
    >
      <TextInput
        ref={field}
        className="replay-utc"
        size="xs"
        aria-label="UTC of the picture; type another to go there (T)"
        value={typed ?? text}
        error={wrong}
        onFocus={(event) => {
          setTyped(text);
          const input = event.currentTarget;
          requestAnimationFrame(() => input.select());
        }}
        onBlur={end}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
          if (event.key !== 'Enter') return;
          const us = parseUtc(typed ?? '', session.utcUs ?? Date.now() * 1000, Date.now() * 1000);
          if (us === undefined) setWrong(true);
          else {
            onSeek(us);
            event.currentTarget.blur();
          }
        }}
        rightSection={<span className="dim">UTC</span>}
        rightSectionWidth={36}
      />
    </Tooltip>
  );
}
