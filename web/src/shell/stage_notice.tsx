// What stands in the place of something that cannot be shown: what is the matter, and why.
import type { ReactNode } from 'react';

export interface StageNoticeProps {
  level?: 'caution' | 'alarm';
  title: string;
  children: ReactNode;
}

export function StageNotice({ level, title, children }: StageNoticeProps) {
  return (
    <div className="stage-notice" data-level={level} role={level ? 'alert' : 'status'}>
      <strong>{title}</strong>
      <p>{children}</p>
    </div>
  );
}
