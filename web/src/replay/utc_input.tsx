// A field for an instant: it shows what it understood, and keeps what was typed until it does.
import { TextInput } from '@mantine/core';
import { useState } from 'react';

import { parseUtc, utcIso } from './utc_text';

export interface UtcInputProps {
  label: string;
  value: number | undefined;
  /** Undefined: what was typed is no instant, or nothing was typed. */
  onChange: (us: number | undefined, typed: string) => void;
  /** What times of day and "+5m" refer to. */
  aroundUs: number;
  description?: string;
  placeholder?: string;
  inputWrapperOrder?: ('label' | 'input' | 'description' | 'error')[];
}

const textOf = (us: number | undefined) =>
  us === undefined ? '' : utcIso(us).replace('T', ' ').replace('Z', '');

export function UtcInput({ label, value, onChange, aroundUs, ...rest }: UtcInputProps) {
  const [typed, setTyped] = useState<string>();
  const text = typed ?? textOf(value);
  return (
    <TextInput
      {...rest}
      label={`${label}, UTC`}
      className="utc-input"
      value={text}
      error={text !== '' && value === undefined && 'Such as 2026-11-22 14:03:22.5, 14:03 or −30s.'}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        onChange(parseUtc(next, aroundUs, Date.now() * 1000), next.trim());
      }}
      onBlur={() => value !== undefined && setTyped(undefined)}
    />
  );
}
