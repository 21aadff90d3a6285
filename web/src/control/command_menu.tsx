// All commands to one part of a vehicle that are no emergencies, and why one cannot be sent now.
import { Button } from '@mantine/core';

import type { CommandRow, Kind, Part } from '../api/types';
import { commandsOf, whyNot, whyNotPart, type Standing } from './may_command';

export interface CommandMenuProps {
  kind: Kind;
  part: Part;
  standing: Standing;
  onChoose: (row: CommandRow) => void;
}

export function CommandMenu({ kind, part, standing, onChoose }: CommandMenuProps) {
  const rows = commandsOf(kind).filter((row) => row.part === part && !row.emergency);
  const common = whyNotPart(part, standing);
  return (
    <>
      <p className="reason sheet-why">{common}</p>
      <div className="command-menu">
        {rows.map((row) => {
          const why = whyNot(row, standing);
          const isOwn = why !== undefined && why !== common;
          return (
            <div key={row.name}>
              <Button
                fullWidth
                size="compact-sm"
                variant="default"
                disabled={why !== undefined}
                title={why}
                onClick={() => onChoose(row)}
              >
                {row.title}
                {(row.parameters.length > 0 || row.danger !== 'none') && '…'}
              </Button>
              {isOwn && <p className="reason">{why}</p>}
            </div>
          );
        })}
      </div>
    </>
  );
}
