import { expect, test } from 'vitest';

import type { Lease, Part } from '../api/types';
import type { LeaseEntry } from './lease_book';
import { commandsOf, rowOf, whyNot, type Standing } from './may_command';

const held = (holder: string, more: Partial<Lease> = {}): LeaseEntry => ({
  lease: { type: 'lease', vehicle: 'kestrel', part: 'vehicle', holder, since: 1, asked_by: [], ...more },
});

const standing = (
  more: Partial<Standing> = {},
  leases: Partial<Record<Part, LeaseEntry>> = {},
): Standing => ({
  user: 'olga',
  role: 'operator',
  connected: true,
  leases: { vehicle: {}, payload: {}, ...leases },
  ...more,
});

function why(command: string, now: Standing) {
  const row = rowOf(command);
  if (!row) throw new Error(command);
  return whyNot(row, now);
}

test('the holder of a part’s lease may command that part alone', () => {
  const now = standing({}, { vehicle: held('olga') });
  expect(why('goto', now)).toBeUndefined();
  expect(why('gimbal_angles', now)).toBe('Take control first: nobody holds the payload’s lease.');
});

test('who does not hold the lease is told who does', () => {
  expect(why('goto', standing({}, { vehicle: held('bob') }))).toBe('bob holds the vehicle’s lease.');
  expect(why('goto', standing())).toContain('Take control first');
});

test('emergencies need no lease', () => {
  for (const command of ['hold', 'return']) {
    expect(why(command, standing({}, { vehicle: held('bob') }))).toBeUndefined();
  }
});

test('a viewer may nothing, and reads which role it takes', () => {
  expect(why('hold', standing({ role: 'viewer' }))).toBe('Needs the role operator; yours is viewer.');
});

test('without a connection nothing may be sent', () => {
  expect(why('hold', standing({ connected: false }))).toContain('No connection');
});

test('what is for supervisors is refused to the holder too', () => {
  const leases = { vehicle: held('olga') };
  expect(why('terminate', standing({}, leases))).toBe('Needs the role supervisor; yours is operator.');
  expect(why('terminate', standing({ role: 'admin' }, leases))).toBeUndefined();
});

test('a lease that one’s own other session holds is to be taken here first', () => {
  expect(why('goto', standing({}, { vehicle: held('olga', { ends: 9 }) }))).toContain('at another place');
});

test('a vehicle is offered the commands of its kind only', () => {
  const names = commandsOf('vessel').map(({ name }) => name);
  expect(names).toContain('steer');
  expect(names).not.toContain('takeoff');
});
