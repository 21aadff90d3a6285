// What the server says of the text as it stands: the line below the editor, and what the text becomes.
import { Button } from '@mantine/core';

import type { PipelineProblem } from '../api/types';
import { StateMark } from '../shell/icons';
import { problemWords } from './problems';

export interface Verdict {
  /** undefined: not known yet. */
  problems: readonly PipelineProblem[] | undefined;
  launch: string | undefined;
  /** A newer text than the one that was judged is being asked about. */
  checking: boolean;
  /** The server could not be asked. */
  failure: string | undefined;
}

export const isGood = ({ problems, checking }: Verdict) =>
  !checking && problems !== undefined && problems.length === 0;

interface VerdictLineProps {
  verdict: Verdict;
  onGoTo: (problem: PipelineProblem) => void;
  /** Undefined: there are no edits. */
  onDiscard: (() => void) | undefined;
  discard: string;
}

function Words({ verdict, onGoTo }: Pick<VerdictLineProps, 'verdict' | 'onGoTo'>) {
  const { problems = [], checking, failure } = verdict;
  const [first, ...others] = problems;
  if (failure !== undefined) {
    return (
      <>
        <StateMark level="caution" /> <span data-level="caution">Not checked: {failure}</span>
      </>
    );
  }
  if (first) {
    return (
      <>
        <StateMark level="caution" />
        <button type="button" data-level="caution" onClick={() => onGoTo(first)}>
          {problemWords(first)}
        </button>
        {others.length > 0 && <span className="dim">and {others.length} more</span>}
      </>
    );
  }
  const known = verdict.problems !== undefined && !checking;
  return (
    <>
      <StateMark level={known ? 'ok' : 'busy'} />
      <span className="dim">{known ? 'no problem found' : 'checking'}</span>
    </>
  );
}

export function VerdictLine({ verdict, onGoTo, onDiscard, discard }: VerdictLineProps) {
  return (
    <div className="verdict" data-checking={verdict.checking || undefined}>
      <div className="verdict-words" role="status">
        <Words verdict={verdict} onGoTo={onGoTo} />
      </div>
      {onDiscard && (
        <Button size="xs" variant="subtle" color="gray" onClick={onDiscard}>
          {discard}
        </Button>
      )}
    </div>
  );
}

export function LaunchText({ launch }: { launch: string | undefined }) {
  return (
    <details className="launch">
      <summary>What it becomes, as gst-launch text</summary>
      {launch === undefined ? (
        <p className="dim">Known once the text has no problem.</p>
      ) : (
        <pre tabIndex={0}>{launch}</pre>
      )}
    </details>
  );
}
