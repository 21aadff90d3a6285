// Pipelines: the files, one file's text and history, and what runs of it.
import { useCallback, useRef, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';

import type { CameraName, User } from '../api/types';
import { usePipelines, useVehicles } from '../api/vehicles';
import { mayAct } from '../session/session';
import { KeyHelp } from '../shell/key_help';
import { useKeys, type KeyAction } from '../shell/keys';
import { StageNotice } from '../shell/stage_notice';
import { stepped } from '../shell/stepped';
import { CameraPanel, type Shown } from './camera_panel';
import { cameraKey } from './cameras';
import { draftsOf, useDraftNames } from './drafts';
import { EventsList } from './events_list';
import { NewPipeline } from './new_pipeline';
import { PipelineList, listedPipelines } from './pipeline_list';
import './pipelines.css';
import { Workbench, type WorkbenchHandle } from './workbench';

/** The chosen file and camera live in the address. */
function useChoice() {
  const { name } = useParams();
  const [parameters] = useSearchParams();
  const navigate = useNavigate();
  const choose = useCallback(
    (next: string | undefined, camera?: CameraName) => {
      const query = camera ? `?camera=${encodeURIComponent(cameraKey(camera))}` : '';
      void navigate(`/pipelines${next === undefined ? '' : `/${next}`}${query}`);
    },
    [navigate],
  );
  return { name, camera: parameters.get('camera') ?? undefined, choose };
}

/** Keys that a control of its own hears; here for the help. */
const kEditorKeys: readonly KeyAction[] = [
  { keys: [], shown: 'Ctrl S', what: 'In the text: see what changes, then apply', act: () => undefined },
  { keys: [], shown: 'Ctrl Space', what: 'In the text: what can stand here', act: () => undefined },
  { keys: [], shown: 'Ctrl F', what: 'In the text: find', act: () => undefined },
];

function PipelinesForAdmin({ user }: { user: User }) {
  const { name, camera: cameraParameter, choose } = useChoice();
  const infos = usePipelines(true);
  const vehicles = useVehicles().data ?? [];
  const drafts = draftsOf(user.name);
  const draftNames = useDraftNames(drafts);
  const pipelines = listedPipelines(infos.data ?? [], draftNames);
  const [shown, setShown] = useState<Shown>('graph');
  const [whole, setWhole] = useState(false);
  const [asked, setAsked] = useState<'new' | 'keys'>();
  const workbench = useRef<WorkbenchHandle>(null);

  const names = pipelines.map((pipeline) => pipeline.name);
  const selected = pipelines.find((pipeline) => pipeline.name === name);
  const cameras = selected?.used_by ?? [];
  const camera = cameras.find((used) => cameraKey(used) === cameraParameter) ?? cameras[0];
  const step = (by: 1 | -1) => choose(stepped(names, selected?.name, by));
  const actions: KeyAction[] = [
    { keys: ['?'], shown: '?', what: 'These keys', act: () => setAsked('keys') },
    { keys: ['ArrowDown', 'j'], shown: '↓ J', what: 'Next file', act: () => step(1) },
    { keys: ['ArrowUp', 'k'], shown: '↑ K', what: 'Previous file', act: () => step(-1) },
    { keys: ['n'], shown: 'N', what: 'New file', act: () => setAsked('new') },
    { keys: ['e'], shown: 'E', what: 'Edit the text; Esc leaves it', act: () => workbench.current?.edit() },
    { keys: ['a'], shown: 'A', what: 'See what changes, then apply', act: () => workbench.current?.apply() },
    { keys: ['h'], shown: 'H', what: 'History', act: () => workbench.current?.history() },
    { keys: ['r'], shown: 'R', what: 'Roll back, then Enter', act: () => workbench.current?.rollBack() },
    {
      keys: ['c'],
      shown: 'C',
      what: 'Next camera',
      act: () => name !== undefined && choose(name, stepped(cameras, camera, 1)),
    },
    { keys: ['g'], shown: 'G', what: 'Graph in the whole width', act: () => setWhole(!whole) },
    {
      keys: ['l'],
      shown: 'L',
      what: 'Graph or log',
      act: () => setShown(shown === 'graph' ? 'log' : 'graph'),
    },
    {
      keys: ['Escape'],
      shown: 'Esc',
      what: 'Leave the whole width; all files and events',
      act: () => (whole ? setWhole(false) : choose(undefined)),
    },
  ];
  useKeys(actions);

  if (infos.isPending) return <div className="pipelines" aria-busy aria-label="Loading pipeline files" />;
  if (infos.isError && !infos.data) {
    return (
      <StageNotice level="alarm" title="The pipeline files cannot be read">
        {infos.error.message}
      </StageNotice>
    );
  }
  return (
    <div className="pipelines" data-whole={(whole && selected !== undefined) || undefined}>
      <PipelineList
        pipelines={pipelines}
        vehicles={vehicles}
        selected={selected?.name}
        camera={camera && cameraKey(camera)}
        onSelect={choose}
        onNew={() => setAsked('new')}
      />
      {selected ? (
        <>
          <Workbench
            key={selected.name}
            name={selected.name}
            drafts={drafts}
            vehicles={vehicles}
            handle={workbench}
          />
          <CameraPanel
            cameras={cameras}
            camera={camera}
            applied={selected.version}
            vehicles={vehicles}
            shown={shown}
            whole={whole}
            onCamera={(next) => choose(selected.name, next)}
            onShown={setShown}
            onWhole={() => setWhole(!whole)}
          />
        </>
      ) : (
        <div className="pipelines-none">
          {name === undefined ? (
            <p className="panel-empty">
              Choose a file to read, change and apply it, and to see what runs of it. <kbd>?</kbd> shows all
              keys.
            </p>
          ) : (
            <p className="panel-empty" data-level="caution">
              There is no pipeline file “{name}”.
            </p>
          )}
          <EventsList onOpen={choose} />
        </div>
      )}
      <KeyHelp
        opened={asked === 'keys'}
        onClose={() => setAsked(undefined)}
        actions={[...actions, ...kEditorKeys]}
      />
      {asked === 'new' && (
        <NewPipeline
          names={names}
          sources={(infos.data ?? []).map((info) => info.name)}
          source={selected && selected.version > 0 ? selected.name : undefined}
          onCreate={(created, text) => {
            drafts.begin(created, text);
            setAsked(undefined);
            choose(created);
          }}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

export function PipelinesPage({ user }: { user: User }) {
  if (mayAct(user.role, 'admin')) return <PipelinesForAdmin user={user} />;
  return (
    <StageNotice title="Pipelines need the role admin">
      You are signed in as {user.role}. Somebody with the role admin can change the pipeline files.
    </StageNotice>
  );
}
