// The keys, as the page listens to them.
import { Modal } from '@mantine/core';
import { Fragment } from 'react';

import type { KeyAction } from './keys';

export function KeyHelp({
  opened,
  onClose,
  actions,
}: {
  opened: boolean;
  onClose: () => void;
  actions: readonly KeyAction[];
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" centered>
      <dl className="key-help">
        {actions.map(({ shown, what }) => (
          <Fragment key={shown}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
