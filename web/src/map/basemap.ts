// The basemap: Natural Earth (public domain) from the page's own files, drawn by MapLibre. Nothing comes from elsewhere.
import { Map as LibreMap, setWorkerUrl, type GeoJSONSource, type StyleSpecification } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { feature, mesh } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import coarseUrl from 'world-atlas/countries-50m.json?url';
import fineUrl from 'world-atlas/land-10m.json?url';

setWorkerUrl(workerUrl);

/** From this zoom on the coast of the 1:50 million data is too far off. */
const kFineFromZoom = 6;
const kEmpty = { type: 'FeatureCollection' as const, features: [] };

const kStyle: StyleSpecification = {
  version: 8,
  sources: {
    land: { type: 'geojson', data: kEmpty, tolerance: 0.3 },
    borders: { type: 'geojson', data: kEmpty },
  },
  layers: [
    { id: 'sea', type: 'background', paint: { 'background-color': '#10181e' } },
    { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': '#1d252a', 'fill-antialias': false } },
    { id: 'coast', type: 'line', source: 'land', paint: { 'line-color': '#4a5a63', 'line-width': 1 } },
    {
      id: 'borders',
      type: 'line',
      source: 'borders',
      paint: { 'line-color': '#3a464d', 'line-width': 1, 'line-dasharray': [3, 3] },
    },
  ],
};

const topologies = new Map<string, Promise<Topology>>();

function topology(url: string): Promise<Topology> {
  let loading = topologies.get(url);
  if (!loading) {
    loading = fetch(url).then((response) => {
      if (!response.ok) throw new Error(`The basemap ${url} is missing (${response.status}).`);
      return response.json() as Promise<Topology>;
    });
    topologies.set(url, loading);
    loading.catch(() => topologies.delete(url));
  }
  return loading;
}

function setData(map: LibreMap, source: string, data: Parameters<GeoJSONSource['setData']>[0]): void {
  map.getSource<GeoJSONSource>(source)?.setData(data);
}

async function addCoarse(map: LibreMap): Promise<void> {
  const world = await topology(coarseUrl);
  const { land, countries } = world.objects as { land: GeometryCollection; countries: GeometryCollection };
  setData(map, 'land', feature(world, land));
  setData(
    map,
    'borders',
    mesh(world, countries, (a, b) => a !== b),
  );
}

async function addFine(map: LibreMap): Promise<void> {
  const world = await topology(fineUrl);
  const { land } = world.objects as { land: GeometryCollection };
  setData(map, 'land', feature(world, land));
}

/** Throws when the browser has no WebGL 2. */
export function makeBasemap(container: HTMLElement): LibreMap {
  const map = new LibreMap({
    container,
    style: kStyle,
    center: [8, 35],
    zoom: 1.5,
    minZoom: 0.5,
    maxZoom: 19,
    attributionControl: false,
    fadeDuration: 0,
    pixelRatio: 1,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: true,
    canvasContextAttributes: { antialias: false },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  let removed = false;
  map.on('remove', () => (removed = true));
  map.once('load', () => {
    let fine = false;
    const refine = () => {
      if (fine || removed || map.getZoom() < kFineFromZoom) return;
      fine = true;
      addFine(map).catch(() => (fine = false)); // Tried again with the next zoom; the coarse coast is there.
    };
    addCoarse(map)
      .catch(() => undefined) // No coast: the graticule and the vehicles are drawn all the same.
      .then(refine, refine);
    map.on('zoomend', refine);
  });
  return map;
}
