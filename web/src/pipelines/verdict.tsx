// What the server says of the text as it stands: the line below the editor, and what the text becomes.
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

export function VerdictLine({
  verdict,
  onGoTo,
}: {
  verdict: Verdict;
  onGoTo: (problem: PipelineProblem) => void;
}) {
  const { problems = [], checking, failure } = verdict;
  const [first, ...others] = problems;
  if (failure !== undefined) {
    return (
      <div className="verdict" role="status" data-level="caution">
        <StateMark level="caution" /> <span>Not checked: {failure}</span>
      </div>
    );
  }
  if (first) {
    return (
      <div className="verdict" role="status" data-level="caution" data-checking={checking || undefined}>
        <StateMark level="caution" />
        <button type="button" onClick={() => onGoTo(first)}>
          {problemWords(first)}
        </button>
        {others.length > 0 && <span className="dim">and {others.length} more</span>}
      </div>
    );
  }
  const known = verdict.problems !== undefined && !checking;
  return (
    <div className="verdict" role="status">
      <StateMark level={known ? 'ok' : 'busy'} />
      <span className="dim">{known ? 'no problem found' : 'checking'}</span>
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
