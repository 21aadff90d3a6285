// The shape by which a mark is known on the timeline, for lists.
import type { Mark } from './marks';

const kShapes: Partial<Record<Mark['type'], string>> = {
  bookmark: 'M2 1h8v10L6 8.5 2 11z',
  command: 'M2.5 2.5h7v7h-7z',
  mode: 'M6 1l4.5 5L6 11 1.5 6z',
};
const kCaution = 'M6 1.2L11.3 10.5H.7z';
const kDot = 'M6 3a3 3 0 1 1 0 6a3 3 0 1 1 0-6z';

export function MarkShape({ mark: { type, level } }: { mark: Mark }) {
  const path = kShapes[type] ?? (level === 'caution' ? kCaution : kDot);
  return (
    <svg
      className="mark-shape"
      data-type={type}
      data-level={level}
      width="12"
      height="12"
      viewBox="0 0 12 12"
      aria-hidden
    >
      <path d={path} fill="currentColor" />
    </svg>
  );
}
