// What runs: the chosen camera's pipeline as a live graph, and its worker's log.
import { ActionIcon, NativeSelect, SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';

import type { CameraGraph, CameraName, KindVehicle } from '../api/types';
import { useLiveVehicle } from '../live/connections';
import { cameraState } from '../live/vehicle_state';
import { StateMark, SwapIcon } from '../shell/icons';
import { StageNotice } from '../shell/stage_notice';
import { cameraKey, cameraTitle } from './cameras';
import { GraphDetails } from './graph_details';
import { GraphView, type Choice } from './graph_view';
import { kNoHistory, nextHistory, type GraphHistory } from './graph_words';
import { useGraph } from './pipelines_api';
import { WorkerLog } from './worker_log';

export type Shown = 'graph' | 'log';

/** The shape of a graph whose figures are not known any more. */
function withoutFigures({ elements, links, ...rest }: CameraGraph): CameraGraph {
  return {
    ...rest,
    elements: elements.map(({ name, factory }) => ({ name, factory })),
    links: links.map(({ from, from_pad, to, to_pad }) => ({
      from,
      to,
      ...(from_pad === undefined ? {} : { from_pad }),
      ...(to_pad === undefined ? {} : { to_pad }),
    })),
  };
}

/** What is known from answer to answer. */
function useHistory(graph: CameraGraph | undefined, atMs: number): GraphHistory {
  const [seen, setSeen] = useState<{ graph: CameraGraph | undefined; history: GraphHistory }>({
    graph: undefined,
    history: kNoHistory,
  });
  if (graph === seen.graph || !graph) return seen.history;
  const history = nextHistory(seen.history, graph, atMs);
  setSeen({ graph, history });
  return history;
}

/** Which text it is that runs. */
function Running({ graph, applied }: { graph: CameraGraph | undefined; applied: number }) {
  const old = graph !== undefined && graph.version !== applied;
  return (
    <p className="graph-running" data-level={old ? 'caution' : undefined}>
      {old && <StateMark level="caution" />} runs {graph ? `${graph.pipeline} version ${graph.version}` : '—'}
      {old && `, not version ${applied}`}
    </p>
  );
}

interface LiveGraphProps {
  vehicle: KindVehicle;
  camera: string;
  /** The version of its file that is applied. */
  applied: number;
}

function LiveGraph({ vehicle, camera, applied }: LiveGraphProps) {
  const query = useGraph({ kind: vehicle.kind, vehicle: vehicle.id, camera });
  const history = useHistory(query.data, query.dataUpdatedAt);
  const [choice, setChoice] = useState<Choice>();
  const { ref, width, height } = useElementSize<HTMLDivElement>();
  if (!query.data) {
    return query.isError ? (
      <StageNotice level="caution" title="▲ Nothing runs here now">
        {query.error.message} Trying again by itself.
      </StageNotice>
    ) : (
      <div className="graph-room" aria-busy aria-label="Loading the graph" />
    );
  }
  const graph = query.isError ? withoutFigures(query.data) : query.data;
  return (
    <div className="graph-room" ref={ref}>
      <div className="graph-stage" data-lost={query.isError || undefined}>
        {width > 0 && (
          <GraphView
            room={{ width, height }}
            graph={graph}
            history={history}
            nowMs={query.dataUpdatedAt}
            choice={choice}
            onChoose={setChoice}
          />
        )}
        {query.isError && (
          <p className="graph-lost" data-level="caution" role="status">
            <StateMark level="caution" /> {query.error.message}
          </p>
        )}
      </div>
      <Running graph={query.isError ? undefined : graph} applied={applied} />
      {choice && <GraphDetails graph={graph} choice={choice} onClose={() => setChoice(undefined)} />}
    </div>
  );
}

function CameraWord({ vehicle, camera }: CameraName) {
  const live = useLiveVehicle(vehicle);
  const state = cameraState(live?.cameras[camera]?.state);
  return (
    <span className="camera-word" data-level={state.level} title={state.detail}>
      <StateMark level={state.level} /> {state.word}
    </span>
  );
}

export interface CameraPanelProps {
  cameras: readonly CameraName[];
  camera: CameraName | undefined;
  /** The version of the cameras' file that is applied. */
  applied: number;
  vehicles: readonly KindVehicle[];
  shown: Shown;
  whole: boolean;
  onCamera: (camera: CameraName) => void;
  onShown: (shown: Shown) => void;
  onWhole: () => void;
}

export function CameraPanel(props: CameraPanelProps) {
  const { cameras, camera, applied, vehicles, shown, whole, onCamera, onShown, onWhole } = props;
  const vehicle = vehicles.find(({ id }) => id === camera?.vehicle);
  return (
    <section className="camera-panel" aria-label="What runs">
      <header>
        {camera && (
          <NativeSelect
            size="xs"
            aria-label="Camera"
            data={cameras.map((other) => ({ value: cameraKey(other), label: cameraTitle(other, vehicles) }))}
            value={cameraKey(camera)}
            onChange={(event) => {
              const key = event.currentTarget.value;
              const found = cameras.find((other) => cameraKey(other) === key);
              if (found) onCamera(found);
            }}
          />
        )}
        {camera ? <CameraWord {...camera} /> : <h2>What runs</h2>}
        {camera && (
          <>
            {' '}
            <SegmentedControl
              size="xs"
              aria-label="Show"
              data={[
                { value: 'graph', label: 'Graph' },
                { value: 'log', label: 'Log' },
              ]}
              value={shown}
              onChange={(value) => onShown(value as Shown)}
            />
            <ActionIcon
              size={32}
              variant={whole ? 'filled' : 'subtle'}
              color="gray"
              aria-label="Whole width"
              aria-pressed={whole}
              title="Whole width (G)"
              onClick={onWhole}
            >
              <SwapIcon />
            </ActionIcon>
          </>
        )}
      </header>
      {!camera && (
        <p className="panel-empty">
          No camera uses this file. A camera names its file in the vehicle’s settings, on the page Live.
        </p>
      )}
      {camera &&
        vehicle &&
        (shown === 'graph' ? (
          <LiveGraph key={cameraKey(camera)} vehicle={vehicle} camera={camera.camera} applied={applied} />
        ) : (
          <WorkerLog key={vehicle.id} kind={vehicle.kind} vehicle={vehicle.id} />
        ))}
    </section>
  );
}
