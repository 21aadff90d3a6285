// What the head-up display shows, and in which form it writes coordinates.
import { ActionIcon, Checkbox, Popover, SegmentedControl, Tooltip } from '@mantine/core';

import { kCoordinateFormats, type CoordinateFormat } from '../hud/format';
import { changeHudSettings, kHudGroups, useHudSettings } from '../hud/settings';
import { LayersIcon } from '../shell/icons';

export function HudMenu() {
  const settings = useHudSettings();
  return (
    <Popover position="top-end" withArrow trapFocus>
      <Popover.Target>
        <Tooltip label="What the picture shows">
          <ActionIcon size={28} variant="subtle" color="gray" aria-label="What the picture shows">
            <LayersIcon />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown className="hud-menu">
        <Checkbox
          label="Head-up display (U)"
          checked={settings.on}
          onChange={(event) => changeHudSettings({ on: event.currentTarget.checked })}
        />
        {kHudGroups.map(([group, label]) => (
          <Checkbox
            key={group}
            size="xs"
            ml="md"
            label={label}
            disabled={!settings.on}
            checked={settings.groups[group]}
            onChange={(event) =>
              changeHudSettings({ groups: { ...settings.groups, [group]: event.currentTarget.checked } })
            }
          />
        ))}
        <SegmentedControl
          size="xs"
          aria-label="Coordinates"
          data={kCoordinateFormats.map((format) => ({ value: format, label: format.toUpperCase() }))}
          value={settings.coordinates}
          onChange={(format) => changeHudSettings({ coordinates: format as CoordinateFormat })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
