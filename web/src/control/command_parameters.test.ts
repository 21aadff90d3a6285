import { expect, test } from 'vitest';

import { fieldsOf, kMaxReasonBytes, readDraft, reasonError } from './command_parameters';
import { rowOf } from './may_command';

function read(command: string, draft: Record<string, string>, kind: 'drone' | 'vessel' = 'drone') {
  const row = rowOf(command);
  if (!row) throw new Error(command);
  return readDraft(fieldsOf(row, kind), draft);
}

const place = { latitude_deg: '54.5', longitude_deg: ' -10.25 ' };

test('what was typed becomes numbers, and what may be absent is left out', () => {
  expect(read('goto', { ...place, altitude_m: '40', speed_mps: '' })).toEqual({
    parameters: { latitude_deg: 54.5, longitude_deg: -10.25, altitude_m: 40 },
    errors: {},
  });
});

test('a vessel is asked for no altitude', () => {
  expect(read('goto', { ...place, altitude_m: '40' }, 'vessel').parameters).not.toHaveProperty('altitude_m');
});

test('what is missing, no number, or out of range is said beside its field', () => {
  expect(read('goto', { latitude_deg: '91', longitude_deg: 'east', altitude_m: '' }).errors).toEqual({
    latitude_deg: 'Not within −90 … 90.',
    longitude_deg: 'Not a number.',
    altitude_m: 'Needed.',
  });
});

test('integers are whole, and a switch is on or off', () => {
  expect(read('set_relay', { number: '1.5' }).errors).toEqual({ number: 'A whole number is wanted.' });
  expect(read('set_relay', { number: '2', on: 'true' }).parameters).toEqual({ number: 2, on: true });
  expect(read('set_relay', { number: '2' }).parameters).toEqual({ number: 2, on: false });
});

test('a text is limited in bytes', () => {
  expect(read('set_mode', { mode: 'GUIDED' }).parameters).toEqual({ mode: 'GUIDED' });
  expect(read('set_mode', { mode: 'ü'.repeat(17) }).errors).toEqual({ mode: 'At most 32 bytes.' });
});

test('a reason is needed, and has an end', () => {
  expect(reasonError('  ')).toBe('Needed.');
  expect(reasonError('a'.repeat(kMaxReasonBytes))).toBeUndefined();
  expect(reasonError('a'.repeat(kMaxReasonBytes + 1))).toBe('Too long.');
});
