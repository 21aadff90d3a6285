// What was applied when and by whom; any of it can be looked at against what is applied, and gone back to.
import type { CameraName, KindVehicle, Pipeline, PipelineVersion } from '../api/types';
import { ApiError } from '../api/client';
import { utcDate, utcTime } from '../hud/format';
import { restartWords } from './cameras';
import { ConfirmBar } from './confirm_bar';
import { Difference } from './difference';
import { usePipelineChange } from './pipelines_api';
import { whoApplied } from './versions';

function VersionRow({
  version,
  applied,
  chosen,
  onChoose,
}: {
  version: PipelineVersion;
  applied: boolean;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <li>
      <button type="button" aria-pressed={chosen} onClick={onChoose}>
        <b>v{version.version}</b>
        <span>
          {utcDate(version.applied)} {utcTime(version.applied, false)}
        </span>
        <span className={version.user === '' ? 'dim' : undefined}>{whoApplied(version)}</span>
        <span className="dim">{version.restores !== undefined && `restores ${version.restores}`}</span>
        <span className="dim">{applied && 'applied'}</span>
      </button>
    </li>
  );
}

export interface HistoryViewProps {
  pipeline: Pipeline;
  versions: readonly PipelineVersion[];
  vehicles: readonly KindVehicle[];
  chosen: number | undefined;
  onChoose: (version: number) => void;
  onDone: () => void;
}

function RollBack({ pipeline, versions, vehicles, chosen, onDone }: HistoryViewProps) {
  const change = usePipelineChange();
  const target = versions.find(({ version }) => version === chosen);
  const applied = versions.find(({ version }) => version === pipeline.version);
  const cameras: readonly CameraName[] = pipeline.used_by;
  if (!target || target.version === pipeline.version) {
    return (
      <p className="panel-empty">
        {target
          ? 'This version is the one that is applied.'
          : 'Choose a version to see what it would change. Times are UTC.'}
      </p>
    );
  }
  const conflict = change.error instanceof ApiError && change.error.status === 409;
  return (
    <>
      <Difference
        before={applied?.text ?? ''}
        after={target.text}
        label={`From version ${pipeline.version} to version ${target.version}`}
      />
      <ConfirmBar
        consequence={`Version ${target.version}’s text becomes version ${pipeline.version + 1}. ${restartWords(cameras, vehicles)}`}
        action={`Roll back to version ${target.version}`}
        pending={change.isPending}
        error={
          conflict
            ? `Another version was applied meanwhile; the difference is now to version ${pipeline.version}.`
            : change.error?.message
        }
        onConfirm={() =>
          change.mutate(
            { action: 'rollback', name: pipeline.name, version: target.version, base: pipeline.version },
            { onSuccess: onDone },
          )
        }
        onBack={onDone}
      />
    </>
  );
}

export function HistoryView(props: HistoryViewProps) {
  const { pipeline, versions, chosen, onChoose } = props;
  return (
    <div className="history">
      <ol aria-label="Versions, newest first">
        {versions.map((version) => (
          <VersionRow
            key={version.version}
            version={version}
            applied={version.version === pipeline.version}
            chosen={version.version === chosen}
            onChoose={() => onChoose(version.version)}
          />
        ))}
      </ol>
      {versions.length === 0 && <p className="panel-empty">No version of this file was applied yet.</p>}
      {/* Each version's refusal is its own. */}
      <RollBack key={chosen} {...props} />
    </div>
  );
}
