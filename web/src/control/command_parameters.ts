// From what was typed to the parameters of a command, or what is wrong with it. Pure.
import type { CommandParameter, CommandRequest, CommandRow, Kind } from '../api/types';

/** By the parameter's name, as it was typed; "true" and "false" of what is on or off. */
export type Draft = Readonly<Record<string, string>>;
export type Parameters = NonNullable<CommandRequest['parameters']>;
type Value = Parameters[string];

export const kMaxReasonBytes = 500;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

export function fieldsOf(row: CommandRow, kind: Kind): readonly CommandParameter[] {
  return row.parameters.filter(({ kinds }) => kinds?.includes(kind) ?? true);
}

export function rangeOf({ type, minimum, maximum }: CommandParameter): string | undefined {
  if (type === 'text' || minimum === undefined || maximum === undefined) return undefined;
  return `${minimum} … ${maximum}`.replaceAll('-', '−');
}

export const reasonError = (reason: string): string | undefined =>
  bytesOf(reason.trim()) > kMaxReasonBytes ? 'Too long.' : reason.trim() === '' ? 'Needed.' : undefined;

type Read = { value: Value | undefined } | { error: string };

function readNumber(field: CommandParameter, text: string): Read {
  const value = Number(text.replace('−', '-'));
  if (!Number.isFinite(value)) return { error: 'Not a number.' };
  if (field.type === 'integer' && !Number.isInteger(value)) return { error: 'A whole number is wanted.' };
  const { minimum = -Infinity, maximum = Infinity } = field;
  return value < minimum || value > maximum ? { error: `Not within ${rangeOf(field)}.` } : { value };
}

function read(field: CommandParameter, typed: string | undefined): Read {
  const text = typed?.trim() ?? '';
  if (field.type === 'boolean') return { value: text === 'true' };
  if (text === '') return field.required ? { error: 'Needed.' } : { value: undefined };
  if (field.type !== 'text') return readNumber(field, text);
  const { maximum = Infinity } = field;
  return bytesOf(text) > maximum ? { error: `At most ${maximum} bytes.` } : { value: text };
}

export interface ReadDraft {
  parameters: Parameters;
  /** By the parameter's name; none: it can be sent. */
  errors: Readonly<Record<string, string>>;
}

export function readDraft(fields: readonly CommandParameter[], draft: Draft): ReadDraft {
  const parameters: Record<string, Value> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const result = read(field, draft[field.name]);
    if ('error' in result) errors[field.name] = result.error;
    else if (result.value !== undefined) parameters[field.name] = result.value;
  }
  return { parameters, errors };
}
