import type { JobStatus, TrialResource } from '@gradsmith/contract';
import { expect } from 'vitest';
import { waitUntil, type Deployment } from './compose.ts';

export async function createJob(deployment: Deployment, job: object): Promise<string> {
  const response = await deployment.post('/v1/jobs', job);
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

export async function listTrials(deployment: Deployment, id: string): Promise<TrialResource[]> {
  return (await deployment.get<{ items: TrialResource[] }>(`/v1/jobs/${id}/trials?limit=1000`)).items;
}

export async function readStatus(deployment: Deployment, id: string): Promise<JobStatus> {
  return deployment.get<JobStatus>(`/v1/jobs/${id}/status`);
}

/** A search trial that is being trained now, with the worker that has it. */
export async function trialInTraining(deployment: Deployment, id: string): Promise<{ trial: string; worker: string }> {
  const found = await waitUntil('a search trial is being trained', 300, async () =>
    (await listTrials(deployment, id)).find(
      ({ role, state, progress }) => role === 'search' && state === 'running' && progress !== null,
    ),
  );
  return { trial: found.id, worker: found.attempts.at(-1)!.worker };
}

/** Waits until the job has finished and checks that each number of its budget was created and settled once. */
export async function endsExactly(deployment: Deployment, id: string, trials: number): Promise<JobStatus> {
  const status = await waitUntil('the job has finished', 500, async () => {
    const now = await readStatus(deployment, id);
    return now.phase === 'finished' && now;
  });
  expect(status.state).toBe('completed');
  expect(status.settled).toBe(trials);
  expect(status.counts.complete + status.counts.diverged).toBe(trials);
  expect(status.reference).not.toBeNull();
  const all = await listTrials(deployment, id);
  expect(all.filter(({ role }) => role === 'search').map(({ number }) => number)).toEqual(
    Array.from({ length: trials }, (_, n) => n),
  );
  for (const { id: trial, attempts } of all)
    expect({ trial, reported: attempts.filter(({ outcome }) => outcome === 'reported').length }).toEqual({
      trial,
      reported: 1,
    });
  return status;
}
