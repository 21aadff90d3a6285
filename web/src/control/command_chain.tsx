// The newest command's chain in the panel, and the chains of all that are remembered.
import { Button } from '@mantine/core';

import { utcTime } from '../hud/format';
import type { TrackedCommand } from './command_history';
import { commandChain, kStateWords, parameterWords, sendingWords } from './command_words';
import { titleOf } from './may_command';

const kMarks = { done: '●', now: '◐', ahead: '○', bad: '■' };

function Head({ command }: { command: TrackedCommand }) {
  return (
    <div className="chain-head">
      <strong data-testid="command-state">
        {titleOf(command.command)} {kStateWords[command.state]}
      </strong>
      <span className="dim">
        {command.user ?? 'you'} {utcTime(command.created, false)}
      </span>
    </div>
  );
}

export interface ChainProps {
  command: TrackedCommand;
  /** Absent: this person may not. */
  onCancel: (() => void) | undefined;
  onAll: () => void;
}

export function Chain({ command, onCancel, onAll }: ChainProps) {
  const { detail, cancelRefused } = command;
  const words = [sendingWords(command), detail, cancelRefused].filter((text) => text).join(' · ');
  return (
    <div className="chain" role="status" aria-live="polite">
      <Head command={command} />
      <ol>
        {commandChain(command).map(({ word, mark, time }) => (
          <li key={word} data-mark={mark} aria-current={mark === 'now' ? 'step' : undefined}>
            <span aria-hidden>{kMarks[mark]}</span> {word}
            <time>{time !== undefined && utcTime(time, false)}</time>
          </li>
        ))}
      </ol>
      <div className="chain-foot">
        <p className="reason" title={words}>
          {words}
        </p>
        {command.state === 'queued' && onCancel && (
          <Button size="compact-xs" variant="default" onClick={onCancel}>
            Cancel it
          </Button>
        )}
        <Button size="compact-xs" variant="default" aria-label="Newest commands" onClick={onAll}>
          All…
        </Button>
      </div>
    </div>
  );
}

export function CommandList({ commands }: { commands: readonly TrackedCommand[] }) {
  return (
    <ol className="command-list">
      {commands.map((command) => (
        <li key={command.id}>
          <Head command={command} />
          <p className="reason">{parameterWords(command)}</p>
          {command.reason !== undefined && <p className="reason">Reason: {command.reason}</p>}
          <ol>
            {(command.steps ?? []).map(({ state, time, detail, late }, index) => (
              <li key={index}>
                <time>{utcTime(time)}</time>
                <span>
                  {kStateWords[state]}
                  {late && <strong> late: it changed nothing</strong>}
                  {detail !== undefined && detail !== '' && <span className="dim"> {detail}</span>}
                </span>
              </li>
            ))}
          </ol>
          <p className="reason">{command.steps === undefined ? command.detail : sendingWords(command)}</p>
        </li>
      ))}
    </ol>
  );
}
