// Short names for the types that schema/openapi.yaml defines.
import type { components } from '../generated/api';

type Schemas = components['schemas'];

export type User = Schemas['User'];
export type Role = Schemas['Role'];
export type Credentials = Schemas['Credentials'];
export type Vehicle = Schemas['Vehicle'];
export type Camera = Schemas['Camera'];
export type PipelineInfo = Schemas['PipelineInfo'];
export type Pipeline = Schemas['Pipeline'];
export type PipelineCheck = Schemas['PipelineCheck'];
export type PipelineProblem = Schemas['PipelineProblem'];
export type PipelineVersion = Schemas['PipelineVersion'];
export type CameraName = Schemas['CameraName'];
export type CameraGraph = Schemas['CameraGraph'];
export type GraphElement = Schemas['GraphElement'];
export type GraphFlow = Schemas['GraphFlow'];
export type GraphLink = Schemas['GraphLink'];
export type Alert = Schemas['Alert'];
export type Geofence = Schemas['Geofence'];
export type Bookmark = Schemas['Bookmark'];
export type BookmarkEdit = Schemas['BookmarkEdit'];
export type Disk = Schemas['Disk'];
export type ExportRequest = Schemas['ExportRequest'];
export type ExportContent = Schemas['ExportContent'];
export type ImportLog = Schemas['ImportLog'];
export type Operation = Schemas['Operation'];
export type Sighting = Schemas['Sighting'];
export type Sightings = Schemas['Sightings'];
export type RecordedCamera = Schemas['RecordedCamera'];
export type ServerEvent = Schemas['Event'];
export type Telemetry = Schemas['telemetry.schema'];
export type Encounter = Schemas['Encounter'];
export type LiveVehicle = Schemas['LiveVehicle'];
export type LiveUpdate = Schemas['LiveUpdate'];
export type LinkState = Schemas['LinkState'];
export type CameraState = Schemas['CameraState'];
export type Command = Schemas['Command'];
export type CommandCancel = Schemas['CommandCancel'];
export type CommandRequest = Schemas['CommandRequest'];
export type CommandStep = Schemas['CommandStep'];
export type Lease = Schemas['Lease'];
export type LeaseRequest = Schemas['LeaseRequest'];
export type ControlError = Schemas['ControlError'];
export type SignalingRequest = Schemas['SignalingRequest'];
export type SignalingEvent = Schemas['SignalingEvent'];
export type ViewerFigures = Schemas['ViewerFigures'];
export type ViewerSeen = Schemas['ViewerSeen'];

export type Kind = LiveVehicle['kind'];
export type Part = Lease['part'];
export type { CommandName, CommandParameter, CommandRow } from '../generated/commands';

/** A configured vehicle and the collection it lives in. */
export interface KindVehicle extends Vehicle {
  kind: Kind;
}
