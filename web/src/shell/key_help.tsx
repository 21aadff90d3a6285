// The keys, as the page listens to them.
import { Modal } from '@mantine/core';
import type { KeyAction } from './keys';

/** More than so many stand in two columns. */
const kOneColumn = 16;

export function KeyHelp({
  opened,
  onClose,
  actions,
}: {
  opened: boolean;
  onClose: () => void;
  actions: readonly KeyAction[];
}) {
  const isLong = actions.length > kOneColumn;
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" centered size={isLong ? 'xl' : 'md'}>
      <dl className="key-help" data-long={isLong || undefined}>
        {actions.map(({ shown, what }) => (
          <div key={shown}>
            <dt>
              <kbd>{shown}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
