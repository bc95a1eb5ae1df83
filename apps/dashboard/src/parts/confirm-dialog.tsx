import { Button, Group } from '@mantine/core';
import { useEffect, useId, useRef, type ReactNode } from 'react';

interface ConfirmDialogProps {
  readonly title: string;
  /** Name of the button that does it. */
  readonly action: string;
  readonly isOpen: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Asks before an action that cannot be undone. The browser keeps the focus in the dialog and returns it afterwards. */
export function ConfirmDialog({ isOpen, ...props }: ConfirmDialogProps): React.JSX.Element | null {
  return isOpen ? <OpenDialog {...props} /> : null;
}

function OpenDialog(props: Omit<ConfirmDialogProps, 'isOpen'>): React.JSX.Element {
  const { title, action, onConfirm, onClose, children } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const confirm = (): void => {
    onClose();
    onConfirm();
  };
  return (
    <dialog ref={dialog} aria-labelledby={heading} onCancel={onClose}>
      <h2 id={heading}>{title}</h2>
      {children}
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Keep
        </Button>
        <Button color="red" onClick={confirm}>
          {action}
        </Button>
      </Group>
    </dialog>
  );
}
