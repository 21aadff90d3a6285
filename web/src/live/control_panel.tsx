// Hold and return: one press and a confirmation, then the command's way to the vehicle and back.
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { CommandName, KindVehicle, Role } from '../api/types';
import { kCommands } from '../generated/commands';
import { utcTime } from '../hud/format';
import { mayAct } from '../session/session';
import { useConnections, useControlConnected, useNewestCommand } from './connections';
import { isFinal, type CommandState, type TrackedCommand } from './control_store';

const titleOf = (command: string) => kCommands.find(({ name }) => name === command)?.title ?? command;
const kConfirmMs = 6000;

const kSteps: readonly CommandState[] = ['queued', 'sent', 'accepted', 'completed'];
const kWords: Record<CommandState, string> = {
  sending: 'sending',
  queued: 'queued',
  sent: 'sent',
  accepted: 'accepted',
  in_progress: 'in progress',
  completed: 'completed',
  denied: 'denied',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
  refused: 'not sent',
};

interface Step {
  word: string;
  mark: 'done' | 'now' | 'ahead' | 'bad';
}

/** The chain as it stands: what was passed, where it is, what lies ahead, or where it broke. */
export function commandChain(state: CommandState): Step[] {
  const bad = isFinal(state) && state !== 'completed';
  if (bad) return [{ word: kWords[state], mark: 'bad' }];
  const reached = state === 'sending' ? -1 : kSteps.indexOf(state === 'in_progress' ? 'accepted' : state);
  return kSteps.map((step, index) => ({
    word: step === 'accepted' && state === 'in_progress' ? kWords.in_progress : kWords[step],
    mark: index < reached || state === 'completed' ? 'done' : index === reached ? 'now' : 'ahead',
  }));
}

const kMarks = { done: '●', now: '◐', ahead: '○', bad: '■' };

function Chain({ command }: { command: TrackedCommand }) {
  const steps = commandChain(command.state);
  return (
    <div className="chain" role="status" aria-live="polite">
      <div className="chain-head">
        <strong data-testid="command-state">
          {titleOf(command.command)} {kWords[command.state]}
        </strong>
        <span className="dim">
          {command.user ?? 'you'} {utcTime(command.created, false)}
        </span>
      </div>
      <ol>
        {steps.map(({ word, mark }) => (
          <li key={word} data-mark={mark} aria-current={mark === 'now' ? 'step' : undefined}>
            <span aria-hidden>{kMarks[mark]}</span> {word}
          </li>
        ))}
      </ol>
      {command.detail && <p className="reason">{command.detail}</p>}
    </div>
  );
}

function whyNot(role: Role, connected: boolean): string | undefined {
  if (!mayAct(role, 'operator')) return `Your role is ${role}. Commands need the role operator.`;
  if (!connected) return 'No connection to the server: commands cannot be sent.';
  return undefined;
}

export interface ControlPanelProps {
  vehicle: KindVehicle;
  role: Role;
  /** The command that waits for its confirmation. */
  asked: CommandName | undefined;
  onAsk: (command: CommandName | undefined) => void;
}

export function ControlPanel({ vehicle, role, asked, onAsk }: ControlPanelProps) {
  const { control } = useConnections();
  const connected = useControlConnected();
  const newest = useNewestCommand(vehicle.id);
  const reason = whyNot(role, connected);

  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!asked) return;
    confirm.current?.focus();
    const timer = setTimeout(() => onAsk(undefined), kConfirmMs);
    return () => clearTimeout(timer);
  }, [asked, onAsk]);

  const send = (command: CommandName) => {
    onAsk(undefined);
    control.send(vehicle.id, command);
  };

  return (
    <section className="control" aria-label={`Control of ${vehicle.name}`}>
      <h3>Control</h3>
      {asked && !reason ? (
        <div
          className="control-buttons"
          data-confirm
          role="group"
          aria-label={`${titleOf(asked)} ${vehicle.name}?`}
        >
          <Button ref={confirm} size="sm" onClick={() => send(asked)}>
            Confirm {asked} <kbd>↵</kbd>
          </Button>
          <Button size="sm" variant="default" onClick={() => onAsk(undefined)}>
            Cancel
          </Button>
        </div>
      ) : (
        <div className="control-buttons">
          <Button size="sm" variant="default" disabled={reason !== undefined} onClick={() => onAsk('hold')}>
            Hold <kbd>H</kbd>
          </Button>
          <Button size="sm" variant="default" disabled={reason !== undefined} onClick={() => onAsk('return')}>
            Return <kbd>R</kbd>
          </Button>
        </div>
      )}
      {reason && <p className="reason">{reason}</p>}
      {newest ? <Chain command={newest} /> : <p className="dim chain-none">No command yet.</p>}
    </section>
  );
}
