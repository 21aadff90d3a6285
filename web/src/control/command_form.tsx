// What a command wants to be told, and its last press: confirm, or hold to confirm.
import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import type { CommandParameter, CommandRow, KindVehicle } from '../api/types';
import { fieldsOf, rangeOf, readDraft, reasonError, type Draft } from './command_parameters';
import type { CommandMore } from './control_store';
import { HoldButton } from './hold_button';
import { ReasonField } from './lease_form';

interface FieldProps {
  field: CommandParameter;
  typed: string;
  error: string | undefined;
  focused: boolean;
  onType: (text: string) => void;
}

function Field({ field, typed, error, focused, onType }: FieldProps) {
  const { title, type, unit, required = false } = field;
  if (type === 'boolean') {
    return (
      <Checkbox
        label={title}
        checked={typed === 'true'}
        onChange={(event) => onType(String(event.currentTarget.checked))}
      />
    );
  }
  return (
    <TextInput
      size="xs"
      label={required ? title : `${title} (optional)`}
      required={required}
      placeholder={rangeOf(field)}
      inputMode={type === 'text' ? 'text' : 'decimal'}
      rightSection={unit}
      rightSectionWidth={40}
      rightSectionPointerEvents="none"
      autoComplete="off"
      value={typed}
      onChange={(event) => onType(event.currentTarget.value)}
      error={error}
      data-autofocus={focused || undefined}
    />
  );
}

export interface CommandFormProps {
  vehicle: KindVehicle;
  row: CommandRow;
  prefill: Draft;
  /** Why it cannot be sent now. */
  why: string | undefined;
  onSend: (more: CommandMore) => void;
}

export function CommandForm({ vehicle, row, prefill, why, onSend }: CommandFormProps) {
  const [draft, setDraft] = useState(prefill);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const fields = fieldsOf(row, vehicle.kind);
  const { parameters, errors } = readDraft(fields, draft);
  const isHold = row.danger === 'hold';
  const isBad = Object.keys(errors).length > 0 || (isHold && reasonError(reason) !== undefined);
  const firstOpen = fields.find(({ name, required }) => required && !draft[name]);
  const what = `${row.title.toLowerCase()} (${vehicle.name})`;

  const send = () => {
    setTried(true);
    if (isBad || why !== undefined) return;
    onSend({
      ...(fields.length > 0 ? { parameters } : {}),
      ...(isHold ? { reason: reason.trim() } : {}),
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isHold) send();
  };
  return (
    <form className="sheet-form" noValidate onSubmit={submit}>
      <div className="command-fields">
        {fields.map((field) => (
          <Field
            key={field.name}
            field={field}
            typed={draft[field.name] ?? ''}
            error={tried || draft[field.name] ? errors[field.name] : undefined}
            focused={field === firstOpen}
            onType={(text) => setDraft((old) => ({ ...old, [field.name]: text }))}
          />
        ))}
      </div>
      {isHold && <ReasonField reason={reason} onReason={setReason} />}
      <p className="reason sheet-why">{why}</p>
      {isHold ? (
        <HoldButton label={what} disabled={isBad || why !== undefined} onHeld={send} />
      ) : (
        <Button type="submit" disabled={why !== undefined} data-autofocus={!firstOpen || undefined}>
          {row.danger === 'none' ? 'Send' : 'Confirm'}: {what} <kbd>↵</kbd>
        </Button>
      )}
    </form>
  );
}
