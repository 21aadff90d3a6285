// Under a difference: what happens to whom, and the button that does it.
import { Alert, Button } from '@mantine/core';
import type { ReactNode } from 'react';

export interface ConfirmBarProps {
  consequence: string;
  action: string;
  disabled?: boolean;
  pending: boolean;
  error: string | undefined;
  onConfirm: () => void;
  onBack: () => void;
  children?: ReactNode;
}

export function ConfirmBar(props: ConfirmBarProps) {
  const { consequence, action, disabled, pending, error, onConfirm, onBack, children } = props;
  return (
    <div className="confirm-bar">
      {error !== undefined && (
        <Alert color="yellow" variant="outline" role="alert">
          {error}
        </Alert>
      )}
      <p>{consequence}</p>
      <div className="confirm-buttons">
        <Button autoFocus disabled={disabled === true} loading={pending} onClick={onConfirm}>
          {action}
        </Button>
        <Button variant="default" onClick={onBack}>
          Back to the text
        </Button>
        {children}
      </div>
    </div>
  );
}
