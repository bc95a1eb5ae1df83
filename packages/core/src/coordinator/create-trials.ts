import type { Suggestion } from '@gradsmith/bayesopt';
import { isActive } from '../domain/job-states.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { isSettled } from '../domain/trial-states.ts';
import { advanceJobState, failWithoutSuccess } from '../jobs/advance-job-state.ts';
import { chooseRuntime, EXTERNAL } from '../jobs/choose-runtime.ts';
import type { Fenced } from '../ledger/fence.ts';
import type { JobView } from '../ledger/ledger.ts';
import { createTrialMessage } from '../ports/dispatcher.ts';
import { SuggestionFailed } from '../ports/suggester.ts';
import { JOB_SPAN, nameTrialSpan, noTracer } from '../ports/tracer.ts';
import { createTrial, type CreateTrialAnswer, type NewTrial } from '../trials/create-trial.ts';
import { buildTrial, type TrialPlan } from './build-trial.ts';
import type { AdvanceResult, CoordinatorDeps, Knowledge } from './deps.ts';
import { decideNextSteps, type TrialStep } from './next-steps.ts';

/** What the steps of a round share. */
type JobPlan = Pick<TrialPlan, 'job' | 'spec' | 'trials'> & { runtime: string };

type CreateAnswer = CreateTrialAnswer | 'exhausted' | 'failed';

/** Creates trials until no slot is free, the job has to wait, or it is finished. `view` is the job as last read. */
export async function createTrials(
  deps: CoordinatorDeps,
  fenced: Fenced,
  known: Knowledge,
  view: JobView,
): Promise<AdvanceResult> {
  try {
    return await createWhileFree(deps, fenced, known, view);
  } finally {
    known.usage.release(fenced.jobId);
  }
}

async function createWhileFree(
  deps: CoordinatorDeps,
  fenced: Fenced,
  known: Knowledge,
  view: JobView,
): Promise<AdvanceResult> {
  const { ledger } = deps;
  let current = view;
  let exhausted = false;
  for (;;) {
    const { job, spec, enqueued } = current;
    const trials = await known.cache.readAllTrials(ledger, job);
    const open = trials.filter(({ state }) => !isSettled(state));
    known.usage.set(current, open, known.workers);
    known.usage.release(job.id);
    if (job.state !== 'running') return isActive(job.state) ? 'active' : 'finished';
    const steps = decideNextSteps({ job, spec, trials, exhausted, enqueued });
    if (steps === 'wait') return 'active';
    if (steps === 'done') return finishJob(deps, fenced, { trials, exhausted });
    const runtime = chooseRuntime(job, spec, known.workers);
    const wanted = Math.min(steps.length, spec.search.maxParallelism - job.open.length);
    if (runtime === null || wanted <= 0) return 'active';
    const slots = known.usage.reserve({ jobId: job.id, runtime, wanted }, known.workers);
    if (!slots) return 'active';
    const answer = await createSteps(deps, fenced, { job, spec, trials, runtime }, steps.slice(0, slots));
    if (answer === 'failed') return 'finished';
    if (answer !== 'created' && answer !== 'exhausted') return 'active';
    // Confirmations follow in this round: there may be no other.
    exhausted ||= answer === 'exhausted';
    current = await ledger.readJob(job.id);
  }
}

/**
 * Creates a trial for each step. A suggestion is computed while the trials before it are being created, as if they were
 * pending already. Returns the first answer that is not `created`.
 */
async function createSteps(
  deps: CoordinatorDeps,
  fenced: Fenced,
  job: JobPlan,
  steps: readonly TrialStep[],
): Promise<CreateAnswer> {
  const planned: NewTrial[] = [];
  const answers: Promise<CreateAnswer>[] = [];
  const ahead: Suggestion[] = [];
  for (const [i, step] of steps.entries()) {
    const plan = { ...job, step, planned, ahead, count: steps.length - i };
    const trial = await new Promise<NewTrial | null>((resolve) => {
      const answer = createStep(deps, fenced, plan, resolve);
      answers.push(answer);
      answer.then(
        () => resolve(null),
        () => resolve(null),
      );
    });
    if (!trial) break;
    planned.push(trial);
  }
  const all = await Promise.all(answers);
  return all.find((answer) => answer !== 'created') ?? 'created';
}

async function finishJob(
  { ledger, log }: CoordinatorDeps,
  fenced: Fenced,
  { trials, exhausted }: { trials: readonly TrialRecord[]; exhausted: boolean },
): Promise<AdvanceResult> {
  const failure = describeFailure(trials);
  const move = exhausted ? 'exhaust' : 'complete';
  const moved =
    failure === null
      ? await advanceJobState(ledger, fenced, move)
      : await failWithoutSuccess(ledger, fenced, move, failure);
  if (moved !== true) return 'active';
  log.info({ job: fenced.jobId, move: failure === null ? move : 'fail', reason: failure }, 'job finished');
  return 'finished';
}

/** Returns why a job whose search has no complete trial failed: the most frequent reason. Null if one is complete. */
function describeFailure(trials: readonly TrialRecord[]): string | null {
  const failed = trials.filter(({ role, state }) => role === 'search' && state === 'failed');
  const succeeded = trials.some(({ role, state }) => role === 'search' && (state === 'complete' || state === 'pruned'));
  if (succeeded || !failed.length) return null;
  const counts = new Map<string, number>();
  for (const { reason } of failed) counts.set(reason ?? 'unknown', (counts.get(reason ?? 'unknown') ?? 0) + 1);
  const [[reason, count]] = [...counts].sort(([, a], [, b]) => b - a) as [[string, number]];
  return `no trial succeeded; ${count} of ${failed.length} failed trials: ${reason}`;
}

/**
 * Builds the planned trial, passes it to `onBuilt`, creates it and sends its message. `exhausted`: the space has no
 * unseen point left; `failed`: no point could be computed, so the job failed.
 */
async function createStep(
  deps: CoordinatorDeps,
  fenced: Fenced,
  plan: TrialPlan & JobPlan,
  onBuilt: (trial: NewTrial) => void,
): Promise<CreateAnswer> {
  const { ledger, log, dispatcher, tracer = noTracer } = deps;
  const { job, step, runtime } = plan;
  const span = nameTrialSpan(step.id);
  const attributes = { 'gradsmith.trial': step.id };
  return tracer.span('create trial', { job: job.id, id: span, parent: JOB_SPAN }, attributes, async () => {
    const trial = await tracer
      .span('build trial', { job: job.id, parent: span }, attributes, () => buildTrial(deps.suggester, plan))
      .catch((error: unknown) => (error instanceof SuggestionFailed ? error : Promise.reject(error)));
    if (!trial) return 'exhausted';
    if (trial instanceof SuggestionFailed) return failJob(deps, fenced, trial);
    const creating = createTrial(ledger, fenced, trial);
    onBuilt(trial);
    const answer = await creating;
    if (answer !== 'created') {
      log.debug({ job: job.id, trial: trial.id, answer }, 'trial not created');
      return answer;
    }
    const { kind, reason } = trial.source;
    log.info({ job: job.id, trial: trial.id, point: trial.point, source: kind }, 'trial created');
    if (kind === 'fallback') log.warn({ job: job.id, trial: trial.id, reason }, 'random point instead of the model');
    if (runtime !== EXTERNAL) await dispatcher.send(createTrialMessage(job.id, { id: trial.id, dispatch: 0 }, runtime));
    return answer;
  });
}

async function failJob({ ledger, log }: CoordinatorDeps, fenced: Fenced, error: SuggestionFailed): Promise<'failed'> {
  log.error({ err: error, job: fenced.jobId }, 'job failed: no point could be computed');
  await advanceJobState(ledger, fenced, 'fail', error.message);
  return 'failed';
}
