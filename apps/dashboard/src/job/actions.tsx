import type { JobStatus } from '@gradsmith/contract';
import { isActive } from '@gradsmith/core/domain';
import type { JobSpec } from '@gradsmith/core/spec';
import { Button, Group, NumberInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';
import { useNavigate } from 'react-router';
import { stringify } from 'yaml';
import { useAction } from '../app/action-errors.tsx';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { saveFile } from '../parts/save-file.ts';

interface Question {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly run: () => Promise<unknown>;
}

/** Buttons for what the state of the job allows. The service checks again. */
export function Actions({ status, spec }: { readonly status: JobStatus; readonly spec: JobSpec }): React.JSX.Element {
  const { id, name, state, budget } = status;
  const api = useApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { run, isBusy } = useAction();
  const [question, setQuestion] = useState<Question | null>(null);
  const act = (action: () => Promise<unknown>): void =>
    void run(async () => {
      await action();
      await client.invalidateQueries({ queryKey: keys.status(id) });
    });
  const remove = async (): Promise<void> => {
    await api.delete(id);
    client.removeQueries({ queryKey: keys.job(id) });
    void navigate('/');
  };
  const ask = (title: string, text: string, action: string, run: () => Promise<unknown>): void =>
    setQuestion({ title, text, action, run });
  const download = (file: 'export' | 'trials.csv', fileName: string): void =>
    void run(async () => saveFile(await api.downloadFile(id, file), fileName));
  const button = { size: 'xs', variant: 'default', disabled: isBusy } as const;
  return (
    <Group className="actions" gap="xs">
      {state === 'running' && (
        <Button {...button} onClick={() => act(() => api.pause(id))}>
          Pause
        </Button>
      )}
      {state === 'paused' && (
        <Button {...button} onClick={() => act(() => api.resume(id))}>
          Resume
        </Button>
      )}
      {(state === 'completed' || state === 'exhausted') && (
        <Extension
          key={budget}
          budget={budget}
          isBusy={isBusy}
          onExtend={(trials) => act(() => api.extend(id, trials))}
        />
      )}
      {isActive(state) && (
        <Button
          {...button}
          onClick={() =>
            ask(`Cancel ${name}?`, 'Running trials are stopped, and the job cannot be resumed.', 'Cancel the job', () =>
              api.cancel(id),
            )
          }
        >
          Cancel
        </Button>
      )}
      <Button {...button} onClick={() => void navigate('/new', { state: { text: stringify(spec), of: name } })}>
        Copy as new job
      </Button>
      <Button {...button} onClick={() => void navigate(`/compare?jobs=${id}`)}>
        Compare
      </Button>
      <Button {...button} onClick={() => download('trials.csv', `${id}.csv`)}>
        CSV
      </Button>
      <Button {...button} onClick={() => download('export', `${id}.json`)}>
        Export
      </Button>
      {!isActive(state) && (
        <Button
          {...button}
          onClick={() =>
            ask(
              `Delete ${name}?`,
              'The job and all its records are deleted. This cannot be undone.',
              'Delete the job',
              remove,
            )
          }
        >
          Delete
        </Button>
      )}
      <ConfirmDialog
        title={question?.title ?? ''}
        action={question?.action ?? ''}
        isOpen={question !== null}
        onConfirm={() => act(question!.run)}
        onClose={() => setQuestion(null)}
      >
        <p>{question?.text}</p>
      </ConfirmDialog>
    </Group>
  );
}

interface ExtensionProps {
  readonly budget: number;
  readonly isBusy: boolean;
  readonly onExtend: (trials: number) => void;
}

/** A field for the new total budget. */
function Extension({ budget, isBusy, onExtend }: ExtensionProps): React.JSX.Element {
  const [trials, setTrials] = useState<number | string>(budget * 2);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    onExtend(Number(trials));
  };
  return (
    <form className="inline" onSubmit={submit}>
      <NumberInput
        aria-label="New total budget"
        size="xs"
        w={115}
        suffix=" trials"
        thousandSeparator=","
        min={budget}
        max={100_000}
        required
        allowDecimal={false}
        value={trials}
        onChange={setTrials}
      />
      <Button size="xs" variant="default" type="submit" disabled={isBusy}>
        Extend
      </Button>
    </form>
  );
}
