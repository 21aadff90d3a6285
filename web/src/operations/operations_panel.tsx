// Exports and imports: how far each is, its files, what it came to.
import { Anchor, Button, Progress } from '@mantine/core';
import { useState } from 'react';

import type { Operation } from '../api/types';
import { utcDate, utcTime } from '../hud/format';
import type { Names } from '../replay/marks';
import { durationText } from '../replay/utc_text';
import { StateMark, type Level } from '../shell/icons';
import { bytesText, fileAddress, isOpen, useEnding, useOperations } from './operations_api';
import './operations.css';

const kStates: Record<Operation['state'], { word: string; level: Level }> = {
  queued: { word: 'waits', level: 'busy' },
  running: { word: 'runs', level: 'busy' },
  done: { word: 'done', level: 'ok' },
  failed: { word: 'failed', level: 'alarm' },
  cancelled: { word: 'cancelled', level: 'off' },
};

function rangeText({ from, to }: Operation): string {
  if (from === undefined) return '';
  const begin = `${utcDate(from)} ${utcTime(from, false)}`;
  return to === undefined ? begin : `${begin}, ${durationText(to - from)}`;
}

function Files({ operation }: { operation: Operation }) {
  if (operation.files.length === 0) return null;
  return (
    <ul className="operation-files">
      {operation.files.map(({ name, bytes, sha256 }) => (
        <li key={name}>
          <Anchor
            size="sm"
            href={fileAddress(operation.id, name)}
            download={name}
            title={`SHA-256 ${sha256}`}
          >
            {name}
          </Anchor>
          <span className="dim">{bytesText(bytes)}</span>
        </li>
      ))}
    </ul>
  );
}

interface RowProps {
  operation: Operation;
  names: Names;
  mayEnd: boolean;
  onShow: (operation: Operation) => void;
}

/** One that is open is cancelled at once; to remove one that has ended takes a second press. */
function EndButton({ operation }: { operation: Operation }) {
  const ending = useEnding();
  const [asked, setAsked] = useState(false);
  const open = isOpen(operation);
  return (
    <>
      <Button
        size="compact-sm"
        h={32}
        variant={asked ? 'filled' : 'subtle'}
        color={open ? 'gray' : 'red'}
        loading={ending.isPending}
        onBlur={() => setAsked(false)}
        onClick={() => (open || asked ? ending.mutate(operation.id) : setAsked(true))}
      >
        {open ? 'Cancel' : asked ? 'Remove it and its files' : 'Remove…'}
      </Button>
      {ending.isError && (
        <p className="reason" role="alert" data-level="alarm">
          {ending.error.message}
        </p>
      )}
    </>
  );
}

function OperationRow({ operation, names, mayEnd, onShow }: RowProps) {
  const { kind, state, progress, detail, user, vehicle, camera, created, expires, name, note } = operation;
  const shown = kStates[state];
  const about = `${names.get(vehicle) ?? vehicle} ${camera}`;
  const percent = Math.floor(progress * 100);
  return (
    <li className="operation" data-state={state}>
      <div className="operation-head">
        <StateMark level={shown.level} />
        <strong>{kind === 'export' ? `Export of ${about}` : `Import to ${about}`}</strong>
        <span className="operation-state">
          {shown.word}
          {state === 'running' && ` ${percent} %`}
        </span>
      </div>
      <p className="dim">
        {rangeText(operation)}
        {name && ` ${name}`}
      </p>
      {note && <p>{note}</p>}
      {isOpen(operation) && (
        <Progress size="sm" value={percent} aria-label={`${kind} of ${about}: ${percent} %`} />
      )}
      {detail && (
        <p className="reason" data-level={state === 'failed' ? 'alarm' : undefined}>
          {detail}
        </p>
      )}
      <Files operation={operation} />
      <div className="operation-foot">
        <span className="dim">
          {user}, {utcTime(created, false)}
          {expires !== undefined && operation.files.length > 0 && ` · kept until ${utcDate(expires)}`}
        </span>
        {state === 'done' && operation.from !== undefined && (
          <Button size="compact-sm" h={32} variant="default" onClick={() => onShow(operation)}>
            Show
          </Button>
        )}
        {mayEnd && <EndButton operation={operation} />}
      </div>
    </li>
  );
}

export interface OperationsPanelProps {
  names: Names;
  mayAct: boolean;
  onExport: () => void;
  onImport: () => void;
  onShow: (operation: Operation) => void;
}

export function OperationsPanel({ names, mayAct, onExport, onImport, onShow }: OperationsPanelProps) {
  const operations = useOperations();
  return (
    <div className="operations">
      <div className="operations-tools">
        {mayAct ? (
          <>
            <Button size="compact-sm" h={32} onClick={onExport}>
              Export…
            </Button>
            <Button size="compact-sm" h={32} variant="default" onClick={onImport}>
              Import…
            </Button>
          </>
        ) : (
          <p className="reason">Operators and admins can export and import.</p>
        )}
      </div>
      {operations.isError && (
        <p className="find-problem" role="alert" data-level="alarm">
          {operations.error.message}
        </p>
      )}
      {operations.data?.length === 0 && (
        <p className="panel-empty">
          Nothing was exported or imported yet. Mark a range on the timeline with Shift and a drag, or with{' '}
          <kbd>I</kbd> and <kbd>O</kbd>, then export it with <kbd>X</kbd>.
        </p>
      )}
      <ol className="operations-list">
        {(operations.data ?? []).map((operation) => (
          <OperationRow
            key={operation.id}
            operation={operation}
            names={names}
            mayEnd={mayAct}
            onShow={onShow}
          />
        ))}
      </ol>
    </div>
  );
}
