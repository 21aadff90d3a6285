// Before a text is applied: what it changes against what is applied now, and which cameras start anew.
import { Button } from '@mantine/core';

import { ApiError } from '../api/client';
import type { KindVehicle, Pipeline, PipelineProblem, PipelineVersion } from '../api/types';
import { countedCameras, restartWords } from './cameras';
import { ConfirmBar } from './confirm_bar';
import { Difference } from './difference';
import type { Draft } from './drafts';
import { usePipelineChange } from './pipelines_api';
import { whoApplied } from './versions';

export interface ApplyViewProps {
  name: string;
  /** Undefined: a new file. */
  pipeline: Pipeline | undefined;
  /** Undefined: none was applied. */
  applied: PipelineVersion | undefined;
  text: string;
  draft: Draft | undefined;
  vehicles: readonly KindVehicle[];
  /** The text was judged good. */
  good: boolean;
  onApplied: () => void;
  onRefused: (problems: readonly PipelineProblem[]) => void;
  onDiscard: () => void;
  onBack: () => void;
}

export function ApplyView(props: ApplyViewProps) {
  const { name, pipeline, applied, text, draft, vehicles, good } = props;
  const change = usePipelineChange();
  const version = pipeline?.version ?? 0;
  const usedBy = pipeline?.used_by ?? [];
  const outdated = draft !== undefined && draft.base !== version;
  const conflict = change.error instanceof ApiError && change.error.status === 409;
  const meanwhile =
    outdated || conflict
      ? `Version ${version}${applied ? ` (${whoApplied(applied)})` : ''} was applied after you began with version ${draft?.base ?? 0}. This is the difference from it to your text.`
      : undefined;
  const apply = () =>
    change.mutate(
      // The difference on the screen is to this version: it is what the person agreed to replace.
      { action: 'apply', name, text, base: version },
      {
        onSuccess: props.onApplied,
        onError: (error) => {
          if (error instanceof ApiError && error.problems.length > 0) props.onRefused(error.problems);
        },
      },
    );
  return (
    <>
      <Difference
        before={applied?.text ?? ''}
        after={text}
        label={version > 0 ? `From version ${version} to your text` : 'Your text'}
      />
      <ConfirmBar
        consequence={`It becomes version ${version + 1}. ${restartWords(usedBy, vehicles)}`}
        action={usedBy.length > 0 ? `Apply to ${countedCameras(usedBy.length)}` : 'Apply'}
        disabled={!good}
        pending={change.isPending}
        error={meanwhile ?? change.error?.message}
        onConfirm={apply}
        onBack={props.onBack}
      >
        {outdated && (
          <Button variant="subtle" color="gray" onClick={props.onDiscard}>
            Take version {version}, drop mine
          </Button>
        )}
      </ConfirmBar>
    </>
  );
}
