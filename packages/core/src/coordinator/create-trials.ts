import type { PointDesign } from '@gradsmith/bayesopt';
import { isActive } from '../domain/job-states.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { advanceJobState, failWithoutSuccess } from '../jobs/advance-job-state.ts';
import { chooseQueues, EXTERNAL } from '../jobs/choose-runtime.ts';
import type { Fenced } from '../ledger/fence.ts';
import type { JobView } from '../ledger/job-view.ts';
import { createTrialMessage } from '../ports/dispatcher.ts';
import { SuggestionFailed } from '../ports/suggester.ts';
import { JOB_SPAN, nameTrialSpan, noTracer } from '../ports/tracer.ts';
import { buildSearchInputs } from '../spec/search-inputs.ts';
import { createTrial, type CreateTrialAnswer, type NewTrial } from '../trials/create-trial.ts';
import { listObservations } from '../trials/list-observations.ts';
import { limitStaleness } from './ahead-suggestions.ts';
import { buildTrial, type TrialPlan } from './build-trial.ts';
import type { AdvanceResult, CoordinatorDeps, Knowledge } from './deps.ts';
import { decideNextSteps, type TrialStep } from './next-steps.ts';
import { suggestAhead } from './suggest-ahead.ts';

/** What the steps of a round share. */
type JobPlan = Pick<TrialPlan, 'job' | 'spec' | 'readTrials'> & {
  /** The queue of each step's slot. */
  queues: readonly string[];
};

/** A job and its open trials, as last read; null if they were not read. */
interface ReadJob {
  view: JobView;
  open: readonly TrialRecord[] | null;
}

type CreateAnswer = CreateTrialAnswer | 'exhausted' | 'failed';

/** Creates trials until no slot is free, the job has to wait, or it is finished. */
export async function createTrials(
  deps: CoordinatorDeps,
  fenced: Fenced,
  known: Knowledge,
  read: ReadJob,
): Promise<AdvanceResult> {
  try {
    return await createWhileFree(deps, fenced, known, read);
  } finally {
    known.usage.release(fenced.jobId);
  }
}

async function createWhileFree(
  deps: CoordinatorDeps,
  fenced: Fenced,
  known: Knowledge,
  read: ReadJob,
): Promise<AdvanceResult> {
  const { ledger } = deps;
  let { view, open } = read;
  let exhausted = false;
  for (;;) {
    const { job, spec, enqueued } = view;
    const readTrials = rememberAnswer(async () => known.cache.readAllTrials(ledger, job, open ?? []));
    known.usage.set(view, open, known.workers);
    known.usage.release(job.id);
    if (job.state !== 'running') return isActive(job.state) ? 'active' : 'finished';
    const steps = await decideNextSteps({ job, spec, readTrials, exhausted, enqueued });
    if (steps === 'wait' || steps === 'done') known.usage.withdraw(job.id);
    if (steps === 'wait') return 'active';
    if (steps === 'done') return finishJob(deps, fenced, { trials: await readTrials(), exhausted });
    const wanted = Math.min(steps.length, spec.search.maxParallelism - job.open.length);
    if (wanted <= 0) {
      known.usage.withdraw(job.id);
      return 'active';
    }
    const request = { jobId: job.id, queues: chooseQueues(job, spec, known.workers), wanted };
    const slots = known.usage.reserve(request, known.workers);
    if (!slots.length) return 'active';
    const plan = { job, spec, readTrials, queues: slots };
    const answer = await createSteps(deps, fenced, known, { plan, steps: steps.slice(0, slots.length) });
    if (answer === 'failed') return 'finished';
    if (answer !== 'created' && answer !== 'exhausted') return 'active';
    const isFull = slots.length < wanted || job.open.length + slots.length >= spec.search.maxParallelism;
    if (answer === 'created' && isFull) {
      known.usage.add(job, slots);
      return 'active';
    }
    // Confirmations follow in this round: there may be no other.
    exhausted ||= answer === 'exhausted';
    view = await ledger.readJob(job.id);
    open = await ledger.readTrials(job.id, view.job.open);
  }
}

/** Returns a function that calls `compute` the first time only. */
function rememberAnswer<T>(compute: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return async () => (answer ??= compute());
}

/**
 * Creates a trial for each step. A suggestion is computed while the trials before it are being created, as if they were
 * pending already. Returns the first answer that is not `created`.
 */
async function createSteps(
  deps: CoordinatorDeps,
  fenced: Fenced,
  known: Knowledge,
  { plan, steps }: { plan: JobPlan; steps: readonly TrialStep[] },
): Promise<CreateAnswer> {
  const state = { job: plan.job, fence: fenced.fence };
  const design = steps[0]?.kind === 'search' ? (known.designs.take(state) ?? (await createDesign(deps, plan))) : null;
  const planned: NewTrial[] = [];
  const answers: Promise<CreateAnswer>[] = [];
  const isSearch = steps[0]?.kind === 'search' && steps[0].enqueued === null;
  const staleness = limitStaleness(plan.spec.search.maxParallelism);
  const ahead = isSearch && !design ? await known.ahead.take(state, staleness, known.waitFor) : [];
  for (const [i, step] of steps.entries()) {
    const count = steps.length - i;
    const { waitFor } = known;
    const trialPlan = { ...plan, queue: plan.queues[i]!, step, design, planned, ahead, count, waitFor };
    const trial = await new Promise<NewTrial | null>((resolve) => {
      const answer = createStep(deps, fenced, trialPlan, { onBuilt: resolve, known });
      answers.push(answer);
      answer.then(
        () => resolve(null),
        () => resolve(null),
      );
    });
    if (!trial) break;
    planned.push(trial);
    design?.add(trial.point);
  }
  const all = await Promise.all(answers);
  const refused = all.find((answer) => answer !== 'created');
  if (design && refused === undefined) known.designs.keep(state, design, planned.length);
  if (isSearch && refused === undefined) known.ahead.putBack(state, planned.length, ahead);
  if (isSearch && !design && refused === undefined) void suggestAhead(deps, fenced, known, plan.spec);
  return refused ?? 'created';
}

/** Returns a design with the points of the job's trials; null if the algorithm has none. */
async function createDesign(
  { suggester }: CoordinatorDeps,
  { job, spec, readTrials }: JobPlan,
): Promise<PointDesign | null> {
  const design = suggester.createDesign?.(buildSearchInputs(spec)) ?? null;
  if (!design) return null;
  for (const { point } of listObservations(spec, await readTrials(), job.seq)) design.add(point);
  return design;
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
  plan: TrialPlan & { queue: string },
  { onBuilt, known }: { onBuilt: (trial: NewTrial) => void; known: Knowledge },
): Promise<CreateAnswer> {
  const { ledger, log, dispatcher, tracer = noTracer } = deps;
  const { job, step, queue } = plan;
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
    if (queue === EXTERNAL) return answer;
    const message = createTrialMessage(job.id, { id: trial.id, dispatch: 0 }, queue);
    known.usage.place(message);
    await dispatcher.send(message);
    known.sent.note(message);
    return answer;
  });
}

async function failJob({ ledger, log }: CoordinatorDeps, fenced: Fenced, error: SuggestionFailed): Promise<'failed'> {
  log.error({ err: error, job: fenced.jobId }, 'job failed: no point could be computed');
  await advanceJobState(ledger, fenced, 'fail', error.message);
  return 'failed';
}
