// What the vehicle's worker writes; follows its end until somebody scrolls up.
import { useEffect, useRef } from 'react';

import type { Kind } from '../api/types';
import { StageNotice } from '../shell/stage_notice';
import { useWorkerLog } from './pipelines_api';

const kNearEndPx = 24;

export function WorkerLog({ kind, vehicle }: { kind: Kind; vehicle: string }) {
  const log = useWorkerLog(kind, vehicle);
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  const text = log.data?.join('\n');
  useEffect(() => {
    if (box.current && following.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  if (log.isError) {
    return (
      <StageNotice level="caution" title="No log">
        {log.error.message} Trying again by itself.
      </StageNotice>
    );
  }
  return (
    <pre
      className="worker-log"
      ref={box}
      tabIndex={0}
      aria-label={`Log of ${vehicle}'s worker`}
      aria-busy={log.isPending}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < kNearEndPx;
      }}
    >
      {text === '' ? 'The worker has written nothing yet.' : text}
    </pre>
  );
}
