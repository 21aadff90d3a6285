// Control of a vehicle: emergencies by one press and a confirmation, the leases, the other commands, and their fate.
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { CommandName, CommandRow, KindVehicle, User } from '../api/types';
import './control.css';
import { Chain } from './command_chain';
import { useCommands, useConnections } from '../live/connections';
import { ControlSheet, type Opened } from './control_sheet';
import { LeaseBanner } from './lease_banner';
import { commandsOf, kParts, rowOf, whyNot, whyNothing } from './may_command';
import { useStanding } from './use_standing';

const kConfirmMs = 6000;
/** As the page listens to them. */
const kKeys: Readonly<Partial<Record<CommandName, string>>> = { hold: 'H', return: 'R' };

function Confirm({
  row,
  vehicle,
  onOpen,
}: { row: CommandRow } & Pick<ControlPanelProps, 'vehicle' | 'onOpen'>) {
  const { control } = useConnections();
  const confirm = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    confirm.current?.focus();
    const timer = setTimeout(() => onOpen(undefined), kConfirmMs);
    return () => clearTimeout(timer);
  }, [row, onOpen]);
  const send = () => {
    onOpen(undefined);
    control.send(vehicle.id, row.name);
  };
  return (
    <div className="control-buttons" data-confirm role="group" aria-label={`${row.title} ${vehicle.name}?`}>
      <Button ref={confirm} size="sm" onClick={send}>
        Confirm {row.title.toLowerCase()} <kbd>↵</kbd>
      </Button>
      <Button size="sm" variant="default" onClick={() => onOpen(undefined)}>
        Cancel
      </Button>
    </div>
  );
}

export interface ControlPanelProps {
  vehicle: KindVehicle;
  user: User;
  opened: Opened | undefined;
  onOpen: (opened: Opened | undefined) => void;
}

export function ControlPanel({ vehicle, user, opened, onOpen }: ControlPanelProps) {
  const { control } = useConnections();
  const standing = useStanding(vehicle.id, user);
  const commands = useCommands(vehicle.id);
  const [newest] = commands;
  const nothing = whyNothing(standing);
  const emergencies = commandsOf(vehicle.kind)
    .filter(({ emergency }) => emergency)
    .toSorted((a, b) => a.title.localeCompare(b.title));
  const asked = opened?.show === 'confirm' ? rowOf(opened.name) : undefined;

  return (
    <section className="control" aria-label={`Control of ${vehicle.name}`}>
      <header className="control-head">
        <h3>Control</h3>
        <p className="reason">{nothing}</p>
      </header>
      {asked && whyNot(asked, standing) === undefined ? (
        <Confirm row={asked} vehicle={vehicle} onOpen={onOpen} />
      ) : (
        <div className="control-buttons">
          {emergencies.map((row) => (
            <Button
              key={row.name}
              size="sm"
              variant="default"
              disabled={whyNot(row, standing) !== undefined}
              title={whyNot(row, standing)}
              onClick={() => onOpen({ show: 'confirm', name: row.name })}
            >
              {row.title} {kKeys[row.name] && <kbd>{kKeys[row.name]}</kbd>}
            </Button>
          ))}
        </div>
      )}
      {kParts.map((part) => (
        <LeaseBanner
          key={part}
          part={part}
          standing={standing}
          onAct={(act) => control.act(vehicle.id, part, act)}
          onAsk={(show) => onOpen({ show, part })}
          onCommands={() => onOpen({ show: 'commands', part })}
        />
      ))}
      {newest ? (
        <Chain
          command={newest}
          onAll={() => onOpen({ show: 'history' })}
          onCancel={nothing === undefined ? () => control.cancel(newest.id) : undefined}
        />
      ) : (
        <p className="dim chain-none">No command yet.</p>
      )}
      {opened && opened.show !== 'confirm' && (
        <ControlSheet vehicle={vehicle} standing={standing} opened={opened} onOpen={onOpen} />
      )}
    </section>
  );
}
