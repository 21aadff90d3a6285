// Every pipeline file: its version, what is wrong with it, and the cameras that use it.
import { Button } from '@mantine/core';
import { useEffect, useRef } from 'react';

import type { CameraName, KindVehicle, PipelineInfo } from '../api/types';
import { AddIcon, StateMark } from '../shell/icons';
import { cameraKey, cameraTitle } from './cameras';
import { problemWords } from './problems';

export interface ListedPipeline extends Omit<PipelineInfo, 'parameters'> {
  /** Somebody typed and has not applied. */
  edited: boolean;
}

/** The server's files and those that were begun here and are not applied yet, by name. */
export function listedPipelines(infos: readonly PipelineInfo[], drafts: readonly string[]): ListedPipeline[] {
  const known = new Set(infos.map(({ name }) => name));
  const begun = drafts
    .filter((name) => !known.has(name))
    .map((name) => ({ name, title: '', version: 0, used_by: [], edited: true }));
  return [...infos.map((info) => ({ ...info, edited: drafts.includes(info.name) })), ...begun].sort((a, b) =>
    a.name.localeCompare(b.name),
  );
}

interface ItemProps {
  pipeline: ListedPipeline;
  vehicles: readonly KindVehicle[];
  selected: boolean;
  camera: string | undefined;
  onSelect: (camera?: CameraName) => void;
}

function Item({ pipeline, vehicles, selected, camera, onSelect }: ItemProps) {
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) item.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const { name, title, version, problem, edited, used_by: usedBy } = pipeline;
  return (
    <li ref={item} className="list-item pipeline" data-selected={selected || undefined}>
      <button
        type="button"
        className="list-button pipeline-button"
        aria-current={selected || undefined}
        onClick={() => onSelect()}
      >
        <span className="pipeline-name">{name}</span>
        <span className="pipeline-version">{version > 0 ? `v${version}` : 'not applied'}</span>
        <span className="pipeline-title">
          {edited && <em>edited · </em>}
          {title || 'no title yet'}
        </span>
        {problem && (
          <span className="pipeline-problem" data-level="caution">
            <StateMark level="caution" /> {problemWords(problem)}
          </span>
        )}
      </button>
      {usedBy.length > 0 && (
        <div className="pipeline-cameras">
          {usedBy.map((used) => (
            <button
              type="button"
              key={cameraKey(used)}
              aria-pressed={selected && camera === cameraKey(used)}
              onClick={() => onSelect(used)}
            >
              {cameraTitle(used, vehicles)}
            </button>
          ))}
        </div>
      )}
    </li>
  );
}

export interface PipelineListProps {
  pipelines: readonly ListedPipeline[];
  vehicles: readonly KindVehicle[];
  selected: string | undefined;
  camera: string | undefined;
  onSelect: (name: string, camera?: CameraName) => void;
  onNew: () => void;
}

export function PipelineList({ pipelines, vehicles, selected, camera, onSelect, onNew }: PipelineListProps) {
  return (
    <section className="pipeline-list" aria-label="Pipeline files">
      <header>
        <h2>Pipeline files</h2>
        <Button size="xs" variant="subtle" color="gray" leftSection={<AddIcon />} onClick={onNew}>
          New
        </Button>
      </header>
      <ul>
        {pipelines.map((pipeline) => (
          <Item
            key={pipeline.name}
            pipeline={pipeline}
            vehicles={vehicles}
            selected={pipeline.name === selected}
            camera={camera}
            onSelect={(used) => onSelect(pipeline.name, used)}
          />
        ))}
      </ul>
      {pipelines.length === 0 && <p className="panel-empty">The folder of the pipeline files is empty.</p>}
    </section>
  );
}
