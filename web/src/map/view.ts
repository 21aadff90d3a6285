// Where a place is on the map's canvas: Web Mercator, north up.
import type { Point } from '../klv/frame_values';

const kTile = 512;
const kEarthRadiusM = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (value: number) => (value * 180) / Math.PI;

function mercatorY(latitude: number): number {
  const limited = Math.max(-85.05, Math.min(85.05, latitude));
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + radians(limited) / 2)) / (2 * Math.PI);
}

export class MapView {
  private readonly scale: number;
  private readonly centerX: number;
  private readonly centerY: number;

  /** `zoom` as MapLibre counts it: the world is 512 * 2^zoom pixels wide. */
  constructor(
    readonly center: Point,
    readonly zoom: number,
    readonly width: number,
    readonly height: number,
  ) {
    this.scale = kTile * 2 ** zoom;
    this.centerX = center.longitude / 360 + 0.5;
    this.centerY = mercatorY(center.latitude);
  }

  /** Pixels from the upper left; the copy of the world that is nearest to the middle. */
  project({ latitude, longitude }: Point): [number, number] {
    let x = longitude / 360 + 0.5 - this.centerX;
    x -= Math.round(x);
    return [
      this.width / 2 + x * this.scale,
      this.height / 2 + (mercatorY(latitude) - this.centerY) * this.scale,
    ];
  }

  unproject(x: number, y: number): Point {
    const mercator = this.centerY + (y - this.height / 2) / this.scale;
    const latitude = degrees(2 * Math.atan(Math.exp((0.5 - mercator) * 2 * Math.PI)) - Math.PI / 2);
    const longitude =
      ((((this.centerX + (x - this.width / 2) / this.scale) * 360 - 180 + 540) % 360) + 360) % 360;
    return { latitude, longitude: longitude - 180 };
  }

  get metresPerPixel(): number {
    return (2 * Math.PI * kEarthRadiusM * Math.cos(radians(this.center.latitude))) / this.scale;
  }

  shows([x, y]: readonly [number, number], margin = 40): boolean {
    return x > -margin && y > -margin && x < this.width + margin && y < this.height + margin;
  }
}

/** `from` moved by metres; good for the few kilometres of a speed vector. */
export function moved(from: Point, northM: number, eastM: number): Point {
  return {
    latitude: from.latitude + degrees(northM / kEarthRadiusM),
    longitude: from.longitude + degrees(eastM / (kEarthRadiusM * Math.cos(radians(from.latitude)))),
  };
}

export function distanceM(a: Point, b: Point): number {
  const north = radians(b.latitude - a.latitude) * kEarthRadiusM;
  const east =
    radians(b.longitude - a.longitude) * kEarthRadiusM * Math.cos(radians((a.latitude + b.latitude) / 2));
  return Math.hypot(north, east);
}

const kSteps = [1, 2, 5];

/** The largest of 1, 2, 5 times a power of ten that is not above `limit`. */
export function roundStep(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  return kSteps.reduce((best, step) => (step * power <= limit ? step * power : best), power);
}
