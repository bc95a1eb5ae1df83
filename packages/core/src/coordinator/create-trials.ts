import type { Suggestion } from '@gradsmith/bayesopt';
import { deriveConfirmSeed, REFERENCE_ID } from '../domain/confirm-trials.ts';
import type { JobRecord } from '../domain/job-record.ts';
import { isActive } from '../domain/job-states.ts';
import { rankTrials } from '../domain/rank-trials.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { advanceJobState } from '../jobs/advance-job-state.ts';
import { chooseRuntime, EXTERNAL } from '../jobs/choose-runtime.ts';
import { type Fenced } from '../ledger/fence.ts';
import { createTrialMessage } from '../ports/dispatcher.ts';
import { JOB_SPAN, noTracer, nameTrialSpan } from '../ports/tracer.ts';
import { getDirection, type JobSpec } from '../spec/job-spec.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { createTrial, type CreateTrialAnswer, type NewTrial } from '../trials/create-trial.ts';
import { listObservations } from '../trials/list-observations.ts';
import type { CoordinatorDeps, Round, AdvanceResult } from './deps.ts';
import { decideNextStep, type Step } from './next-step.ts';

/** Issues trials one by one until no slot is free, the job waits, or it is done. */
export async function createTrials(deps: CoordinatorDeps, fenced: Fenced, round: Round): Promise<AdvanceResult> {
  const { ledger, log } = deps;
  let exhausted = false;
  for (;;) {
    const { job, spec, enqueued } = await ledger.readJob(fenced.jobId);
    if (job.state !== 'running') return isActive(job.state) ? 'active' : 'finished';
    const trials = await round.memory.allTrials(ledger, job);
    const step = decideNextStep(job, spec, trials, exhausted, enqueued);
    if (step.kind === 'wait') return 'active';
    if (step.kind === 'done') {
      const moved = await advanceJobState(ledger, fenced, exhausted ? 'exhaust' : 'complete');
      if (moved === true) log.info({ job: job.id }, exhausted ? 'job exhausted its space' : 'job completed');
      return moved === true ? 'finished' : 'active';
    }
    const route = chooseRuntime(job, spec, round.workers);
    if (route === null || job.open.length >= spec.search.maxParallelism) return 'active';
    if (!round.slots.take(route)) return 'active';
    const answer = await createNextTrial(deps, fenced, { job, spec, trials, step, route });
    if (answer === 'exhausted') {
      exhausted = true;
      // The confirmation goes on in this round and may need it: there may be no other.
      round.slots.putBack(route);
    } else if (answer !== 'created') return 'active';
  }
}

interface Next {
  job: JobRecord;
  spec: JobSpec;
  trials: readonly TrialRecord[];
  step: Exclude<Step, { kind: 'wait' | 'done' }>;
  route: string;
}

/**
 * Makes the trial a step asks for, issues it and offers its message; `exhausted` where the space has no unseen point
 * left.
 */
async function createNextTrial(
  deps: CoordinatorDeps,
  fenced: Fenced,
  { job, spec, trials, step, route }: Next,
): Promise<CreateTrialAnswer | 'exhausted'> {
  const { ledger, log, tracer = noTracer } = deps;
  const id = step.kind === 'reference' ? REFERENCE_ID : step.kind === 'search' ? String(step.number) : step.id;
  return tracer.span(
    'issue trial',
    { job: job.id, id: nameTrialSpan(id), parent: JOB_SPAN },
    { 'gradsmith.trial': id },
    async () => {
      const trial = await tracer.span(
        'make trial',
        { job: job.id, parent: nameTrialSpan(id) },
        { 'gradsmith.trial': id },
        async () => makeTrial(deps, job, spec, trials, step),
      );
      if (!trial) return 'exhausted';
      const answer = await createTrial(ledger, fenced, trial);
      if (answer !== 'created') {
        log.debug({ job: job.id, trial: trial.id, answer }, 'trial not issued');
        return answer;
      }
      log.info({ job: job.id, trial: trial.id, point: trial.point, source: trial.source.kind }, 'trial issued');
      if (route !== EXTERNAL)
        await deps.dispatcher.send(createTrialMessage(job.id, { id: trial.id, dispatch: 0 }, route));
      return answer;
    },
  );
}

/** The trial a step asks for, or null where the space has no unseen point left. */
async function makeTrial(
  deps: CoordinatorDeps,
  job: JobRecord,
  spec: JobSpec,
  trials: readonly TrialRecord[],
  step: Exclude<Step, { kind: 'wait' | 'done' }>,
): Promise<NewTrial | null> {
  const { seed } = spec.objective;
  const fixed = { kind: 'fixed', seenSeq: job.seq } as const;
  if (step.kind === 'reference') {
    return { id: REFERENCE_ID, role: 'reference', number: null, confirms: null, point: {}, seed, source: fixed };
  }
  if (step.kind === 'confirm') {
    const { id, number, seedIndex } = step;
    const point =
      number === null ? {} : rankTrials(trials, getDirection(spec)).find((trial) => trial.number === number)!.point;
    return {
      id,
      role: 'confirm',
      number: null,
      confirms: { number, seedIndex },
      point,
      seed: deriveConfirmSeed(seed, seedIndex),
      source: fixed,
    };
  }
  const base = { id: String(step.number), role: 'search', number: step.number, confirms: null, seed } as const;
  if (step.enqueued) {
    const { key, point } = step.enqueued;
    return { ...base, point, source: { kind: 'enqueued', seenSeq: job.seq, key } };
  }
  const suggestion: Suggestion = await deps.suggester.suggest({
    ...buildSearchInputs(spec),
    history: listObservations(spec, trials, job.seq),
    number: step.number,
  });
  if (suggestion.kind === 'exhausted') return null;
  const { point, source: kind, model } = suggestion;
  const source = { kind, seenSeq: job.seq, ...(model ? { model } : {}), versions: deps.suggester.versions };
  return { ...base, point, source };
}
