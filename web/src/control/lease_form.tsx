// Whom a lease is handed over to, or why it is taken by force.
import { Autocomplete, Button, Textarea } from '@mantine/core';
import { useState } from 'react';

import type { Lease } from '../api/types';
import { reasonError } from './command_parameters';
import type { LeaseAct } from './control_store';
import { HoldButton } from './hold_button';

export interface LeaseFormProps {
  lease: Lease;
  /** "Kestrel" or "Kestrel’s payload". */
  what: string;
  onAct: (act: LeaseAct) => void;
}

export function HandOverForm({ lease, what, onAct }: LeaseFormProps) {
  const [to, setTo] = useState(lease.asked_by[0] ?? '');
  const name = to.trim();
  return (
    <form
      className="sheet-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (name !== '') onAct({ action: 'hand_over', to: name });
      }}
    >
      <p className="reason">You keep {what} until they take it.</p>
      <Autocomplete
        label="Name"
        description={lease.asked_by.length > 0 ? `Asked for it: ${lease.asked_by.join(', ')}` : undefined}
        data={lease.asked_by}
        openOnFocus={false}
        comboboxProps={{ position: 'top' }}
        value={to}
        onChange={setTo}
        data-autofocus
      />
      <Button type="submit" disabled={name === ''}>
        Hand over {what}
      </Button>
    </form>
  );
}

export function ForceForm({ lease, what, onAct }: LeaseFormProps) {
  const [reason, setReason] = useState('');
  const error = reasonError(reason);
  return (
    <div className="sheet-form">
      <p className="reason">
        {lease.holder} loses {what} at once. Everyone reads the reason.
      </p>
      <ReasonField reason={reason} onReason={setReason} />
      <HoldButton
        label={`take ${what} from ${lease.holder}`}
        disabled={error !== undefined}
        onHeld={() => onAct({ action: 'force', reason: reason.trim() })}
      />
    </div>
  );
}

export function ReasonField(props: { reason: string; onReason: (reason: string) => void }) {
  return (
    <Textarea
      label="Reason"
      description="Is kept with it"
      rows={2}
      required
      value={props.reason}
      onChange={(event) => props.onReason(event.currentTarget.value)}
      error={props.reason === '' ? undefined : reasonError(props.reason)}
      data-autofocus
    />
  );
}
