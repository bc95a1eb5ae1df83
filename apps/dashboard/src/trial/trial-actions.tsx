import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import { Button, Group, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAction } from '../app/action-errors.tsx';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';

interface TrialActionsProps {
  readonly status: JobStatus;
  readonly trial: TrialResource;
}

/** Buttons for what the state of a search trial allows. The service checks again. */
export function TrialActions({ status, trial }: TrialActionsProps): React.JSX.Element | null {
  const api = useApi();
  const client = useQueryClient();
  const { run, isBusy } = useAction();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const [done, setDone] = useState('');
  if (trial.role !== 'search') return null;
  const act = (action: () => Promise<string>): void =>
    void run(async () => {
      setDone('');
      setDone(await action());
      await client.invalidateQueries({ queryKey: keys.job(status.id) });
    });
  const retry = async (): Promise<string> => {
    const { trial: created } = await api.retry(status.id, trial.id);
    return created === null
      ? 'The point is enqueued and gets a new trial.'
      : `The point was retried as trial ${created}.`;
  };
  const rerun = async (): Promise<string> => {
    await api.enqueue(status.id, trial.point);
    return 'The point is enqueued and gets a new trial.';
  };
  const invalidate = async (): Promise<string> => {
    await api.invalidate(status.id, trial.id, reason.trim() || 'invalidated on the dashboard');
    return 'The result no longer counts.';
  };
  const hasResult = trial.state === 'complete' || trial.state === 'pruned' || trial.state === 'diverged';
  const button = { size: 'xs', variant: 'default', disabled: isBusy } as const;
  return (
    <Group className="actions" gap="xs">
      {/* Before the buttons, so that they end where the page does. */}
      <span role="status" className="soft">
        {done}
      </span>
      {trial.state === 'failed' && (
        <Button {...button} onClick={() => act(retry)}>
          Retry
        </Button>
      )}
      {hasResult && isActive(status.state) && (
        <Button {...button} onClick={() => act(rerun)}>
          Run again
        </Button>
      )}
      {hasResult && (
        <Button {...button} onClick={() => setAsking(true)}>
          Invalidate
        </Button>
      )}
      <ConfirmDialog
        title={`Invalidate trial ${trial.id}?`}
        action="Invalidate"
        isOpen={isAsking}
        onConfirm={() => act(invalidate)}
        onClose={() => setAsking(false)}
      >
        <p>The model and the best value ignore the result, and the budget grows by one. This cannot be undone.</p>
        <TextInput
          label="Reason"
          placeholder="wrong data"
          maxLength={500}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </ConfirmDialog>
    </Group>
  );
}
