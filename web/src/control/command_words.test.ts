import { expect, test } from 'vitest';

import type { TrackedCommand } from './command_history';
import { commandChain, parameterWords, sendingWords } from './command_words';

const command: TrackedCommand = { id: 'a', vehicle: 'kestrel', command: 'goto', state: 'sent' };

test('the chain marks what was passed, where it is and what lies ahead', () => {
  expect(commandChain({ state: 'sent' }).map(({ mark }) => mark)).toEqual(['done', 'now', 'ahead', 'ahead']);
  expect(commandChain({ state: 'in_progress' }).map(({ word }) => word)).toEqual([
    'queued',
    'sent',
    'in progress',
    'completed',
  ]);
  expect(commandChain({ state: 'completed' }).every(({ mark }) => mark === 'done')).toBe(true);
});

test('a broken chain shows how far it came, and a late answer is no part of it', () => {
  const steps: TrackedCommand['steps'] = [
    { state: 'queued', time: 1 },
    { state: 'sent', time: 2 },
    { state: 'expired', time: 3 },
    { state: 'accepted', time: 4, late: true },
  ];
  expect(commandChain({ state: 'expired', steps })).toEqual([
    { word: 'queued', mark: 'done', time: 1 },
    { word: 'sent', mark: 'done', time: 2 },
    { word: 'expired', mark: 'bad', time: 3 },
  ]);
  expect(commandChain({ state: 'denied' })).toEqual([{ word: 'denied', mark: 'bad', time: undefined }]);
});

test('it says to whom it was sent, and how often again', () => {
  expect(sendingWords({ ...command, target: 'autopilot 1/1', resends: 1 })).toBe(
    'to autopilot 1/1, sent again 1×',
  );
  expect(sendingWords(command)).toBe('');
});

test('parameters are written with their titles and units', () => {
  expect(parameterWords({ ...command, parameters: { latitude_deg: 54.1, speed_mps: 3 } })).toBe(
    'latitude 54.1°, speed 3 m/s',
  );
});
