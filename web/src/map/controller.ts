// Ties the basemap, the overlay and the pointer together. React only mounts it.
import type { Map as LibreMap } from 'maplibre-gl';

import type { Point } from '../klv/frame_values';
import { makeBasemap } from './basemap';
import { drawScene, hitTest, type MapHit } from './draw';
import type { MapScene } from './scene';
import { MapView } from './view';

const kRedrawMs = 125; // At most eight overlay frames a second, however often the vehicles speak.
/** Follow moves the map when the vehicle is this far (share of the size) from the middle. */
const kFollowSlack = 0.18;
const kFirstZoom = 14.5;
const kNearPx = 9;

export interface MapHandlers {
  gather: () => MapScene;
  onHit: (hit: MapHit | undefined) => void;
  /** A click while somebody draws; `isNear`: whether two places are one under the pointer. */
  onPlace: (place: Point, isNear: (a: Point, b: Point) => boolean) => void;
  onPointer: (place: Point | undefined) => void;
  /** The other button; x and y are pixels of the window. */
  onOther: (place: Point, x: number, y: number) => void;
  /** The user moved the map by hand. */
  onMoved: () => void;
}

export class MapController {
  private readonly map: LibreMap;
  private readonly canvas = document.createElement('canvas');
  private readonly context = this.canvas.getContext('2d');
  private readonly sizes: ResizeObserver;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private scene: MapScene | undefined;
  private follow: string | undefined;
  private placed = false;
  private drawing = false;

  constructor(
    private readonly container: HTMLElement,
    private readonly handlers: MapHandlers,
  ) {
    this.map = makeBasemap(container);
    this.canvas.className = 'map-overlay';
    this.map.getCanvasContainer().appendChild(this.canvas);
    this.map.on('move', this.draw);
    this.map.on('dragstart', handlers.onMoved);
    this.map.on('click', ({ point: { x, y } }) => {
      if (this.drawing) handlers.onPlace(this.view().unproject(x, y), this.isNear);
      else handlers.onHit(this.scene && hitTest(this.scene, this.view(), x, y));
    });
    this.map.on('mousemove', ({ lngLat, point: { x, y } }) => {
      handlers.onPointer({ latitude: lngLat.lat, longitude: lngLat.wrap().lng });
      if (this.drawing) return;
      const hit = this.scene && hitTest(this.scene, this.view(), x, y);
      this.map.getCanvas().style.cursor = hit ? 'pointer' : '';
    });
    this.map.on('contextmenu', ({ lngLat, originalEvent }) => {
      originalEvent.preventDefault();
      const place = { latitude: lngLat.lat, longitude: lngLat.wrap().lng };
      handlers.onOther(place, originalEvent.clientX, originalEvent.clientY);
    });
    this.map.on('mouseout', () => handlers.onPointer(undefined));
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(container);
    this.resize();
    this.refresh();
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.sizes.disconnect();
    this.map.remove();
  }

  /** Something changed: draws soon, and at once if nothing was drawn lately. */
  readonly changed = (): void => {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.refresh();
    }, kRedrawMs);
  };

  setFollow(vehicle: string | undefined): void {
    this.follow = vehicle;
    this.changed();
  }

  /** While somebody draws, clicks are places, and two of them do not zoom. */
  setDrawing(drawing: boolean): void {
    this.drawing = drawing;
    this.map.getCanvas().style.cursor = drawing ? 'crosshair' : '';
    if (drawing) this.map.doubleClickZoom.disable();
    else this.map.doubleClickZoom.enable();
    this.changed();
  }

  /** The corners of what is seen. */
  corners(): Point[] {
    const view = this.view();
    const { width, height } = view;
    return [
      view.unproject(0, 0),
      view.unproject(width, 0),
      view.unproject(width, height),
      view.unproject(0, height),
    ];
  }

  /** Puts all vehicles and tracks into view. */
  fit(): void {
    const { vehicles = [], tracks = [] } = this.scene ?? {};
    const positions = [
      ...vehicles.map(({ position }) => position),
      ...tracks.flatMap(({ points }) => points),
    ];
    const [first] = positions;
    if (!first) return;
    if (positions.length === 1) {
      this.map.jumpTo({ center: [first.longitude, first.latitude], zoom: kFirstZoom });
      return;
    }
    const [latitudes, longitudes] = [positions.map((p) => p.latitude), positions.map((p) => p.longitude)];
    this.map.fitBounds(
      [Math.min(...longitudes), Math.min(...latitudes), Math.max(...longitudes), Math.max(...latitudes)],
      { padding: Math.min(90, this.container.clientHeight / 4), maxZoom: kFirstZoom, animate: false },
    );
  }

  private readonly isNear = (a: Point, b: Point): boolean => {
    const view = this.view();
    const [[ax, ay], [bx, by]] = [view.project(a), view.project(b)];
    return Math.hypot(ax - bx, ay - by) < kNearPx;
  };

  private view(): MapView {
    const { lat, lng } = this.map.getCenter();
    const { clientWidth, clientHeight } = this.container;
    return new MapView({ latitude: lat, longitude: lng }, this.map.getZoom(), clientWidth, clientHeight);
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.container;
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.draw();
  }

  private refresh(): void {
    this.scene = this.handlers.gather();
    const { vehicles, tracks = [] } = this.scene;
    if (!this.placed && (vehicles.length > 0 || tracks.some(({ points }) => points.length > 0))) {
      this.placed = true;
      this.fit();
    }
    this.keepInView();
    this.draw();
  }

  private keepInView(): void {
    const vehicle = this.scene?.vehicles.find(({ id }) => id === this.follow);
    if (!vehicle || this.map.isMoving()) return;
    const view = this.view();
    const [x, y] = view.project(vehicle.position);
    const far =
      Math.abs(x / view.width - 0.5) > kFollowSlack || Math.abs(y / view.height - 0.5) > kFollowSlack;
    if (far) this.map.jumpTo({ center: [vehicle.position.longitude, vehicle.position.latitude] });
  }

  private readonly draw = (): void => {
    if (!this.context || !this.scene) return;
    const ratio = window.devicePixelRatio || 1;
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScene(this.context, this.view(), this.scene);
  };
}
