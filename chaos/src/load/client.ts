import { setTimeout as delay } from 'node:timers/promises';
import { isActive, type JobRecord } from '@gradsmith/core/domain';
import { type Ledger } from '@gradsmith/core/ledger';
import type { Random } from '../random.ts';
import type { ProgramContext } from './external-program.ts';
import type { HttpClient } from './http.ts';
import type { Act, PlannedJob } from './jobs.ts';

/** What a client needs to post jobs and act on them. */
export interface ClientDeps {
  http: HttpClient;
  /** Reads the progress of jobs without a faulty proxy. */
  ledger: Ledger;
  random: Random;
  note: ProgramContext['note'];
}

/** Posts the job. Returns its id once it is acknowledged, or null if the run ends before. */
export async function postJob({ http, note }: ClientDeps, { key, spec }: PlannedJob): Promise<string | null> {
  const posted = await http.send('POST', '/v1/jobs', spec, { 'idempotency-key': key });
  if (!posted) return null;
  if (posted.status !== 200 && posted.status !== 201)
    throw new Error(`a job was refused with ${posted.status}: ${JSON.stringify(posted.body)}`);
  const id = String(posted.body.id);
  note({ job: id, operation: 'create', answer: String(posted.status) });
  return id;
}

/** Waits until the job has created enough trials, then performs the planned action. */
export async function performPlannedAction(
  deps: ClientDeps,
  id: string,
  { act }: PlannedJob,
  signal: AbortSignal,
): Promise<void> {
  if (!act) return;
  for (;;) {
    if (signal.aborted) return;
    const found = await deps.ledger.findJob(id).catch(() => undefined);
    if (found === null) return;
    if (found && (!isActive(found.job.state) || found.job.nextNumber >= act.after))
      return performAction(deps, id, found.job, act.what);
    await delay(300);
  }
}

async function performAction({ http, note, random }: ClientDeps, id: string, job: JobRecord, what: Act): Promise<void> {
  const post = (path: string, body?: object, headers?: Record<string, string>) =>
    http.send('POST', `/v1/jobs/${id}${path}`, body, headers);
  const someTrial = random.int(0, Math.max(0, job.nextNumber - 1));
  switch (what) {
    case 'pause':
      await post('/pause');
      await delay(random.between(200, 2_000));
      await post('/resume');
      return;
    case 'extend':
      await post('/extend', { trials: job.budget + random.int(1, 10) });
      return;
    case 'cancel':
      await post('/cancel');
      return;
    case 'invalidate':
      await post(`/trials/${someTrial}/invalidate`, { reason: 'taken back' });
      return;
    case 'retry':
      await post(`/trials/${someTrial}/retry`, undefined, { 'idempotency-key': `retry-${id}` });
      return;
    case 'enqueue':
      for (let i = 0; i < 3; i++)
        await post('/trials', { point: drawPoint(job, random) }, { 'idempotency-key': `point-${i}` });
      return;
    case 'edit': {
      const name = `edited-${random.int(0, 1e9)}`;
      const edited = await http.send('PATCH', `/v1/jobs/${id}`, { name, labels: { kind: 'edited', edited: 'yes' } });
      if (edited?.status === 200) note({ job: id, operation: 'edit', answer: name });
      return;
    }
    case 'delete': {
      const deleted = await http.send('DELETE', `/v1/jobs/${id}`);
      note({ job: id, operation: 'delete', answer: String(deleted?.status) });
    }
  }
}

/** Returns a point of the job's space. Only training jobs have a runtime. */
function drawPoint({ runtime }: JobRecord, random: Random): object {
  return runtime === null ? { x: random.between(0, 1), k: random.int(0, 9) } : { rate: random.between(0.001, 1) };
}
