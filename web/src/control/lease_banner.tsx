// Who commands a vehicle or its payload, who asks for it, and what the reader can do about it.
import { Button } from '@mantine/core';

import type { Lease, Part } from '../api/types';
import { useServerNow } from '../live/connections';
import type { LeaseAct } from './control_store';
import {
  handOf,
  holderWords,
  kLeaseButtons,
  leaseButtons,
  leaseNote,
  type LeaseButton,
  type LeaseHand,
} from './lease_words';
import { whyNothing, type Standing } from './may_command';

const kMarks: Readonly<Record<LeaseHand, string>> = { free: '○', mine: '●', other: '◆' };

function Askers({ lease, onAct }: { lease: Lease; onAct: (act: LeaseAct) => void }) {
  return lease.asked_by.map((asker, index) => (
    <div key={asker} className="lease-asker">
      <span>
        {asker} asks
        {lease.asked_by.length > 1 && ` (${index + 1} of ${lease.asked_by.length})`}
      </span>
      <Button size="compact-xs" onClick={() => onAct({ action: 'grant', to: asker })}>
        Grant
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => onAct({ action: 'refuse', to: asker })}>
        Refuse
      </Button>
    </div>
  ));
}

export interface LeaseBannerProps {
  part: Part;
  standing: Standing;
  onAct: (act: LeaseAct) => void;
  /** Handing over wants a name, force a reason. */
  onAsk: (button: 'hand_over' | 'force') => void;
  onCommands: () => void;
}

export function LeaseBanner({ part, standing, onAct, onAsk, onCommands }: LeaseBannerProps) {
  const nowUs = useServerNow(1000);
  const { user, role } = standing;
  const entry = standing.leases[part];
  const { lease } = entry;
  const nothing = whyNothing(standing);
  const hand = handOf(lease, user);
  const note = leaseNote(entry, user);
  const isWarning = entry.refusal !== undefined || lease?.reason !== undefined || lease?.ends !== undefined;
  const press = (button: LeaseButton) =>
    button === 'hand_over' || button === 'force' ? onAsk(button) : onAct({ action: button });
  return (
    <section className="lease" aria-label={`Lease of the ${part}`} data-hand={hand}>
      <p className="lease-holder">
        <span className="dim">{part}</span>
        <span aria-hidden>{kMarks[hand]}</span>
        <strong title={lease?.holder}>
          {standing.connected ? holderWords(lease, user, nowUs) : 'not known'}
        </strong>
      </p>
      <div className="lease-buttons">
        {leaseButtons(entry, user, role).map((button) => (
          <Button
            key={button}
            size="compact-xs"
            variant={button === 'take' ? 'filled' : 'default'}
            disabled={nothing !== undefined}
            title={nothing}
            onClick={() => press(button)}
          >
            {kLeaseButtons[button]}
            {part === 'vehicle' && (button === 'take' || button === 'release') && <kbd>T</kbd>}
          </Button>
        ))}
        <Button
          size="compact-xs"
          variant="default"
          disabled={nothing !== undefined}
          title={nothing}
          aria-label={`Commands to the ${part}`}
          onClick={onCommands}
        >
          Commands…
        </Button>
      </div>
      <div className="lease-notes" role="status">
        {hand === 'mine' && lease && <Askers lease={lease} onAct={onAct} />}
        {note !== undefined && (
          <p className="reason" data-level={isWarning ? 'caution' : undefined}>
            {note}
          </p>
        )}
      </div>
    </section>
  );
}
