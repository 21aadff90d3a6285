// One pipeline file: its text and the verdict on it, applying it, and its history.
import { Button, SegmentedControl } from '@mantine/core';
import { useDebouncedValue, useHotkeys } from '@mantine/hooks';
import { useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';

import { ApiError } from '../api/client';
import type { KindVehicle, PipelineProblem } from '../api/types';
import { StateMark } from '../shell/icons';
import { StageNotice } from '../shell/stage_notice';
import { ApplyView } from './apply_view';
import { useDraft, type Drafts } from './drafts';
import { Editor, type EditorHandle } from './editor';
import { HistoryView } from './history_view';
import { useCheck, usePipeline, useVersions } from './pipelines_api';
import { problemRange } from './problems';
import { isGood, LaunchText, VerdictLine, type Verdict } from './verdict';
import { previousVersion } from './versions';

const kTypingMs = 350;

export type Mode = 'text' | 'apply' | 'history';

/** What the page's keys do to the file that is open. */
export interface WorkbenchHandle {
  edit: () => void;
  apply: () => void;
  history: () => void;
  rollBack: () => void;
}

interface WorkbenchProps {
  name: string;
  drafts: Drafts;
  vehicles: readonly KindVehicle[];
  handle: Ref<WorkbenchHandle>;
}

/** The text as it is typed, and what the server says of it. */
function useText(name: string, drafts: Drafts) {
  const stored = usePipeline(name);
  const draft = useDraft(drafts, name);
  const isNew = stored.error instanceof ApiError && stored.error.status === 404 && draft !== undefined;
  const text = draft?.text ?? stored.data?.text;
  return { stored, draft, isNew, text };
}

function useVerdict(name: string, text: string, refused: Refusal | undefined): Verdict {
  const [asked] = useDebouncedValue(text, kTypingMs);
  const check = useCheck(name, asked);
  return useMemo(() => {
    const checking = check.data?.text !== text;
    const told = refused?.text === text ? refused.problems : undefined;
    return {
      problems: told ?? check.data?.problems,
      launch: checking ? undefined : check.data?.launch,
      checking: checking && told === undefined && !check.isError,
      failure: check.isError && !check.isFetching ? check.error.message : undefined,
    };
  }, [check.data, check.isError, check.isFetching, check.error, refused, text]);
}

interface Refusal {
  text: string;
  problems: readonly PipelineProblem[];
}

const kNoProblems: readonly PipelineProblem[] = [];

function Loaded({ name, text, drafts, vehicles, handle }: WorkbenchProps & { text: string }) {
  const { stored, draft, isNew } = useText(name, drafts);
  const pipeline = isNew ? undefined : stored.data;
  const versions = useVersions(isNew ? undefined : name).data ?? [];
  const [mode, setMode] = useState<Mode>('text');
  const [chosen, setChosen] = useState<number>();
  const [refused, setRefused] = useState<Refusal>();
  const editor = useRef<EditorHandle>(null);
  const verdict = useVerdict(name, text, refused);

  const version = pipeline?.version ?? 0;
  const applied = versions.find((known) => known.version === version);
  const appliedText = applied?.text ?? '';
  const nothingToApply = version > 0 && text === appliedText && pipeline?.problem === undefined;
  const outdated = draft !== undefined && draft.base !== version;
  const previous = previousVersion(versions, version);

  const goTo = (problem: PipelineProblem) => editor.current?.goTo(problemRange(text, problem).from);
  const apply = () => {
    const [first] = verdict.problems ?? [];
    if (mode !== 'text' || nothingToApply) return;
    if (first && !verdict.checking) goTo(first);
    else setMode('apply');
  };
  // Where the editor does not hear it; the browser would offer to save the page.
  useHotkeys([['mod+S', apply]]);
  const rollBack = () => {
    setChosen(previous?.version);
    setMode('history');
  };
  const show = (next: Mode) => {
    if (next === 'history') setChosen(undefined);
    setMode(next);
  };
  useImperativeHandle(handle, () => ({
    edit: () => (mode === 'text' ? editor.current?.focus() : setMode('text')),
    apply,
    history: () => show('history'),
    rollBack,
  }));

  return (
    <section className="workbench" aria-label={`File ${name}`}>
      <header className="workbench-head">
        <h2>{name}</h2>
        <span className="dim">{version > 0 ? `version ${version}` : 'not applied yet'}</span>
        <SegmentedControl
          size="xs"
          aria-label="View"
          data={[
            { value: 'text', label: 'Text' },
            { value: 'history', label: 'History' },
          ]}
          value={mode === 'history' ? 'history' : 'text'}
          onChange={(value) => show(value as Mode)}
        />
        <div className="workbench-actions">
          <Button
            size="xs"
            variant="default"
            disabled={!previous || mode !== 'text'}
            title={previous ? undefined : 'There is no earlier version.'}
            onClick={rollBack}
          >
            Roll back…
          </Button>
          <Button
            size="xs"
            disabled={mode !== 'text' || nothingToApply || (verdict.problems?.length ?? 0) > 0}
            onClick={apply}
          >
            Apply…
          </Button>
        </div>
      </header>
      {mode === 'text' && (
        <>
          <Editor
            key={name}
            name={name}
            text={text}
            problems={verdict.problems ?? kNoProblems}
            onChange={(changed) => drafts.edit(name, changed, pipeline)}
            onApply={apply}
            handle={editor}
          />
          {outdated && (
            <div className="workbench-note" data-level="caution" role="status">
              <StateMark level="caution" />
              <span>
                Version {version} was applied while you edited version {draft.base}.
              </span>
              <Button size="xs" variant="default" onClick={() => setMode('apply')}>
                See the difference
              </Button>
            </div>
          )}
          <VerdictLine
            verdict={verdict}
            onGoTo={goTo}
            discard={isNew ? 'Drop this file' : 'Discard edits'}
            onDiscard={draft && (() => drafts.drop(name))}
          />
          <LaunchText launch={verdict.launch} />
        </>
      )}
      {mode === 'apply' && (
        <ApplyView
          name={name}
          pipeline={pipeline}
          applied={applied}
          text={text}
          draft={draft}
          vehicles={vehicles}
          good={isGood(verdict)}
          onApplied={() => {
            drafts.drop(name);
            setMode('text');
          }}
          onRefused={(problems) => {
            setRefused({ text, problems });
            setMode('text');
          }}
          onDiscard={() => {
            drafts.drop(name);
            setMode('text');
          }}
          onBack={() => setMode('text')}
        />
      )}
      {mode === 'history' && pipeline && (
        <HistoryView
          pipeline={pipeline}
          versions={versions}
          vehicles={vehicles}
          chosen={chosen}
          onChoose={setChosen}
          onDone={() => setMode('text')}
        />
      )}
      {mode === 'history' && !pipeline && (
        <p className="panel-empty">No version of this file was applied yet.</p>
      )}
    </section>
  );
}

export function Workbench(props: WorkbenchProps) {
  const { stored, text } = useText(props.name, props.drafts);
  if (text !== undefined) return <Loaded {...props} text={text} />;
  if (stored.isError) {
    return (
      <StageNotice level="caution" title={`${props.name} cannot be read`}>
        {stored.error.message}
      </StageNotice>
    );
  }
  return <section className="workbench" aria-busy aria-label={`Loading ${props.name}`} />;
}
