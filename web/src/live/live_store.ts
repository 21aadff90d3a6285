// What the vehicles say now: outside React, newest wins. Components subscribe to one vehicle, so that a vehicle that
// speaks does not draw the others again.
import type {
  Alert,
  CameraState,
  Encounter,
  Kind,
  LinkState,
  LiveUpdate,
  LiveVehicle,
  ServerEvent,
  Telemetry,
} from '../api/types';
import type { Heard } from './freshness';
import { ServerClock, localUtcUs } from './server_clock';

export interface LiveCamera extends Heard {
  state?: CameraState;
}

/** A snapshot: replaced, never changed. */
export interface LiveVehicleState extends Heard {
  kind: Kind;
  name?: string;
  link?: LinkState;
  cameras: Readonly<Record<string, LiveCamera>>;
}

export interface Target extends Heard {
  telemetry: Telemetry;
}

type Listener = () => void;

const kTargetsKeptMs = 10 * 60_000;

function isLiveUpdate(message: unknown): message is LiveUpdate {
  const update = message as Partial<LiveUpdate> | null;
  return (
    typeof update === 'object' &&
    update !== null &&
    update.type === 'live' &&
    typeof update.now === 'number' &&
    typeof update.vehicles === 'object'
  );
}

/** Telemetry and its times are told together: fields without a time of their own are new again. */
function takeOver(into: Heard, change: Heard): void {
  if (change.received !== undefined) into.received = change.received;
  if (change.telemetry === undefined) return;
  into.telemetry = change.telemetry;
  into.received_fields = change.received_fields ?? {};
}

function merge(old: LiveVehicleState | undefined, change: LiveVehicle): LiveVehicleState {
  const next: LiveVehicleState = { ...old, kind: change.kind, cameras: old?.cameras ?? {} };
  if (change.name !== undefined) next.name = change.name;
  takeOver(next, change);
  if (change.link !== undefined) next.link = change.link;
  if (change.cameras) {
    const cameras: Record<string, LiveCamera> = { ...next.cameras };
    for (const [name, camera] of Object.entries(change.cameras)) {
      const merged: LiveCamera = { ...cameras[name] };
      if (camera.state !== undefined) merged.state = camera.state;
      takeOver(merged, camera);
      cameras[name] = merged;
    }
    next.cameras = cameras;
  }
  return next;
}

export class LiveStore {
  readonly clock = new ServerClock();
  private readonly vehicles = new Map<string, LiveVehicleState>();
  private readonly targets_ = new Map<string, Target>();
  private encounters_: readonly Encounter[] = [];
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly idListeners = new Set<Listener>();
  private readonly updateListeners = new Set<(changed: readonly string[]) => void>();
  private readonly eventListeners = new Set<(events: readonly ServerEvent[] | undefined) => void>();
  private readonly alertListeners = new Set<Listener>();
  private alerts_: readonly Alert[] = [];
  private ids_: readonly string[] = [];

  /** Applies a message of /api/telemetry; anything else is ignored. */
  apply(message: unknown, localNowUs: number = localUtcUs()): void {
    if (!isLiveUpdate(message)) return;
    this.clock.update(message.now, localNowUs);
    const changed = new Set<string>();
    if (message.full) {
      for (const id of this.vehicles.keys()) {
        if (!(id in message.vehicles)) changed.add(id);
      }
      this.vehicles.clear();
      this.targets_.clear();
    }
    for (const [id, change] of Object.entries(message.vehicles)) {
      changed.add(id);
      if (change.removed) this.vehicles.delete(id);
      else this.vehicles.set(id, merge(this.vehicles.get(id), change));
    }
    for (const [mmsi, target] of Object.entries(message.traffic ?? {})) this.targets_.set(mmsi, target);
    if (message.full || message.encounters) this.encounters_ = message.encounters ?? [];
    this.forgetOldTargets(message.now);
    this.tell(changed);
    if (message.alerts) {
      this.alerts_ = message.alerts;
      this.alertListeners.forEach((listener) => listener());
    }
    const { events } = message;
    if (message.full) this.eventListeners.forEach((listener) => listener(undefined));
    else if (events && events.length > 0) this.eventListeners.forEach((listener) => listener(events));
  }

  vehicle(id: string): LiveVehicleState | undefined {
    return this.vehicles.get(id);
  }

  /** Sorted; the same array until the set changes. */
  get ids(): readonly string[] {
    return this.ids_;
  }

  /** Those that are open; the same array until one of them changes. */
  get alerts(): readonly Alert[] {
    return this.alerts_;
  }

  readonly subscribeAlerts = (listener: Listener): (() => void) => {
    this.alertListeners.add(listener);
    return () => this.alertListeners.delete(listener);
  };

  /** AIS targets by MMSI. */
  get targets(): ReadonlyMap<string, Target> {
    return this.targets_;
  }

  /** Who comes too near to which vehicle. */
  get encounters(): readonly Encounter[] {
    return this.encounters_;
  }

  subscribeVehicle(id: string, listener: Listener): () => void {
    const set = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, set);
    set.add(listener);
    return () => {
      set.delete(listener);
      if (set.size === 0) this.listeners.delete(id);
    };
  }

  subscribeIds(listener: Listener): () => void {
    this.idListeners.add(listener);
    return () => this.idListeners.delete(listener);
  }

  /** Told after each message, with the vehicles that changed. */
  subscribeUpdates(listener: (changed: readonly string[]) => void): () => void {
    this.updateListeners.add(listener);
    return () => this.updateListeners.delete(listener);
  }

  /** Told the new events, oldest first; undefined after a new connection, which may have missed some. */
  subscribeEvents(listener: (events: readonly ServerEvent[] | undefined) => void): () => void {
    this.eventListeners.add(listener);
    return () => this.eventListeners.delete(listener);
  }

  private forgetOldTargets(nowUs: number): void {
    for (const [mmsi, target] of this.targets_) {
      const heard = target.received ?? target.telemetry.time;
      if (nowUs - heard > kTargetsKeptMs * 1000) this.targets_.delete(mmsi);
    }
  }

  private tell(changed: ReadonlySet<string>): void {
    const ids = [...this.vehicles.keys()].sort();
    if (ids.length !== this.ids_.length || ids.some((id, index) => id !== this.ids_[index])) {
      this.ids_ = ids;
      this.idListeners.forEach((listener) => listener());
    }
    for (const id of changed) this.listeners.get(id)?.forEach((listener) => listener());
    this.updateListeners.forEach((listener) => listener([...changed]));
  }
}
