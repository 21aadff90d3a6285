// The page's own pictograms, and the marks that say a state by shape.
import type { ReactNode } from 'react';

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="18"
      height="18"
      viewBox="0 0 18 18"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      aria-hidden
    >
      {children}
    </svg>
  );
}

export const CrosshairIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="4.5" />
    <path d="M9 1v4M9 13v4M1 9h4M13 9h4" />
  </Icon>
);

export const FitIcon = () => (
  <Icon>
    <path d="M2 6V2h4M12 2h4v4M16 12v4h-4M6 16H2v-4" />
    <circle cx="9" cy="9" r="1.5" fill="currentColor" stroke="none" />
  </Icon>
);

export const DroneIcon = () => (
  <Icon>
    <path d="M9 2l5.5 12L9 11.5 3.5 14z" />
  </Icon>
);

export const VesselIcon = () => (
  <Icon>
    <path d="M9 1.5c3 3.5 4 6.5 4 13H5c0-6.5 1-9.5 4-13z" />
  </Icon>
);

export const AddIcon = () => (
  <Icon>
    <path d="M9 3v12M3 9h12" />
  </Icon>
);

export const EditIcon = () => (
  <Icon>
    <path d="M11.5 3.5l3 3L6 15l-3.5.5L3 12z" />
  </Icon>
);

export const PlayIcon = () => (
  <Icon>
    <path d="M5 2.5l10 6.5-10 6.5z" fill="currentColor" />
  </Icon>
);

export const PauseIcon = () => (
  <Icon>
    <path d="M5 3h2.5v12H5zM10.5 3H13v12h-2.5z" fill="currentColor" />
  </Icon>
);

export const StepIcon = () => (
  <Icon>
    <path d="M4 3v12M7.5 4.5l6 4.5-6 4.5z" />
  </Icon>
);

export const StepBackIcon = () => (
  <Icon>
    <path d="M14 3v12M10.5 4.5l-6 4.5 6 4.5z" />
  </Icon>
);

export const NextRangeIcon = () => (
  <Icon>
    <path d="M2 9h5M11 9h5M11 4v10M3.5 6l3.5 3-3.5 3" />
  </Icon>
);

export const PreviousRangeIcon = () => (
  <Icon>
    <path d="M16 9h-5M7 9H2M7 4v10M14.5 6L11 9l3.5 3" />
  </Icon>
);

export const HistoryIcon = () => (
  <Icon>
    <path d="M3.5 5.5A7 7 0 1 1 2 9M2 2.5l1.3 3.3 3.3-.9M9 5v4l3 2" />
  </Icon>
);

export const LoopIcon = () => (
  <Icon>
    <path d="M3 8V7a3 3 0 0 1 3-3h8M11.5 1.5L14 4l-2.5 2.5M15 10v1a3 3 0 0 1-3 3H4M6.5 16.5L4 14l2.5-2.5" />
  </Icon>
);

export const BookmarkIcon = () => (
  <Icon>
    <path d="M4.5 2.5h9v13L9 12l-4.5 3.5z" />
  </Icon>
);

export const SnapshotIcon = () => (
  <Icon>
    <path d="M2 5h3.5L7 3h4l1.5 2H16v10H2z" />
    <circle cx="9" cy="9.5" r="2.8" />
  </Icon>
);

export const ExportIcon = () => (
  <Icon>
    <path d="M9 2v9M5.5 7.5L9 11l3.5-3.5M2.5 11v4.5h13V11" />
  </Icon>
);

export const SwapIcon = () => (
  <Icon>
    <path d="M2 6h12M11 3l3 3-3 3M16 12H4M7 9l-3 3 3 3" />
  </Icon>
);

export const PulseIcon = () => (
  <Icon>
    <path d="M2 9h3.5l2-5.5 3 11 2-5.5H16" />
  </Icon>
);

export const WallIcon = () => (
  <Icon>
    <path d="M2.5 2.5h5.5v5.5H2.5zM10 2.5h5.5v5.5H10zM2.5 10h5.5v5.5H2.5zM10 10h5.5v5.5H10z" />
  </Icon>
);

export const LayersIcon = () => (
  <Icon>
    <path d="M9 2l7 3.5L9 9 2 5.5zM2 9l7 3.5L16 9M2 12.5L9 16l7-3.5" />
  </Icon>
);

export const SoundIcon = ({ on }: { on: boolean }) => (
  <Icon>
    <path d="M2 7v4h3l4 3.5v-11L5 7z" />
    <path d={on ? 'M12 6.5a4 4 0 0 1 0 5M14.5 4a7.5 7.5 0 0 1 0 10' : 'M12 7l4 4M16 7l-4 4'} />
  </Icon>
);

export type Level = 'ok' | 'busy' | 'caution' | 'alarm' | 'off';

/** A shape for each level: filled circle, half circle, triangle, crossed square, open circle. */
export function StateMark({ level }: { level: Level }) {
  return (
    <svg className="state-mark" data-level={level} width="12" height="12" viewBox="0 0 12 12" aria-hidden>
      {level === 'ok' && <circle cx="6" cy="6" r="4" fill="currentColor" />}
      {level === 'off' && <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />}
      {level === 'busy' && (
        <>
          <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M6 2a4 4 0 0 1 0 8z" fill="currentColor" />
        </>
      )}
      {level === 'caution' && <path d="M6 1.2L11.3 10.5H.7z" fill="currentColor" />}
      {level === 'alarm' && (
        <>
          <rect x="1" y="1" width="10" height="10" fill="currentColor" />
          <path d="M3.6 3.6l4.8 4.8M8.4 3.6l-4.8 4.8" stroke="#0d1114" strokeWidth="1.8" />
        </>
      )}
    </svg>
  );
}
