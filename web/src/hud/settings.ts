// What the picture shows over itself, kept in this browser.
import { useSyncExternalStore } from 'react';

import { kCoordinateFormats, type CoordinateFormat } from './format';

export const kHudGroups = [
  ['attitude', 'Attitude ladder and bank arc'],
  ['heading', 'Heading tape'],
  ['speed', 'Speed'],
  ['altitude', 'Altitude'],
  ['position', 'Position'],
  ['target', 'Frame centre and ranges'],
  ['time', 'Capture time and method'],
  ['link', 'Battery, mode, armed (link)'],
  ['reticle', 'Reticle'],
] as const;

export type HudGroup = (typeof kHudGroups)[number][0];

export interface HudSettings {
  on: boolean;
  groups: Readonly<Record<HudGroup, boolean>>;
  coordinates: CoordinateFormat;
}

const kKey = 'masthead.hud';

const kDefaults: HudSettings = {
  on: true,
  groups: Object.fromEntries(kHudGroups.map(([group]) => [group, true])) as Record<HudGroup, boolean>,
  coordinates: 'decimal',
};

function load(): HudSettings {
  try {
    const stored = JSON.parse(localStorage.getItem(kKey) ?? '{}') as Partial<HudSettings>;
    const coordinates =
      kCoordinateFormats.find((format) => format === stored.coordinates) ?? kDefaults.coordinates;
    const groups = { ...kDefaults.groups };
    for (const [group] of kHudGroups) groups[group] = stored.groups?.[group] !== false;
    return { on: stored.on !== false, groups, coordinates };
  } catch {
    return kDefaults; // Storage is forbidden or holds something else: the page works without.
  }
}

let settings = load();
const listeners = new Set<() => void>();

export function hudSettings(): HudSettings {
  return settings;
}

export function changeHudSettings(change: Partial<HudSettings>): void {
  settings = { ...settings, ...change };
  try {
    localStorage.setItem(kKey, JSON.stringify(settings));
  } catch {
    // Forbidden or full: the choice lasts as long as the page.
  }
  listeners.forEach((listener) => listener());
}

export function nextCoordinateFormat(): void {
  const index = kCoordinateFormats.indexOf(settings.coordinates);
  changeHudSettings({
    coordinates: kCoordinateFormats[(index + 1) % kCoordinateFormats.length] ?? 'decimal',
  });
}

export function onHudSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useHudSettings(): HudSettings {
  return useSyncExternalStore(onHudSettings, hudSettings);
}
