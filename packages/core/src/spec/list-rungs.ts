import { REDUCTION } from '../domain/pruning.ts';
import { planTraining } from '../objective/schema.ts';
import { isTrainingJob, type JobSpec, type TrainingJob } from './job-spec.ts';
import { getPruningRule } from './pruning-rules.ts';

/** The most steps an external program is expected to report. */
const EXTERNAL_STEPS = 1e6;
/** Where `asha` compares trainings, as shares of their steps. */
const ASHA_PARTS = [1 / 27, 1 / 9, 1 / 3];
const TENTHS = Array.from({ length: 9 }, (_, i) => (i + 1) / 10);
const TWENTIETHS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);
/** Where rules compare trainings by default. */
const parts = { asha: ASHA_PARTS, median: TENTHS, predicted: TWENTIETHS };

/** Lists the steps at which trials of the job are compared, ascending; none for rules that do not compare steps. */
export function listRungs(spec: JobSpec): number[] {
  const rule = getPruningRule(spec);
  if (rule !== 'median' && rule !== 'asha' && rule !== 'predicted') return [];
  // The number of steps of an external program is not known, so its rungs start at step 1.
  if (!isTrainingJob(spec)) return listGeometricRungs(rule === 'asha' ? REDUCTION : 1.5);
  const { evaluateEvery } = spec.objective;
  const { steps } = planTraining(spec.objective);
  const compared = listParts(parts[rule], steps);
  if (evaluateEvery === undefined) return compared;
  // A job stores the values at every rung in one record, so there are no more of them with many evaluations.
  const next = (step: number): number => Math.ceil(step / evaluateEvery) * evaluateEvery;
  return [...new Set(compared.map(next))].filter((step) => step < steps);
}

/**
 * Lists the steps at which a trial reports its progress exactly and at once, ascending. A training whose metric is not
 * the area under the loss curve measures its metric there.
 */
export function listReportSteps(spec: JobSpec): number[] {
  const rungs = listRungs(spec);
  if (!isTrainingJob(spec)) return rungs;
  return [...new Set([...rungs, ...listEvaluations(spec)])].sort((a, b) => a - b);
}

/** Lists the steps at which a training measures its metric before the end: each `evaluateEvery`, or for patience. */
function listEvaluations(spec: TrainingJob): number[] {
  const { steps } = planTraining(spec.objective);
  const { evaluateEvery: every } = spec.objective;
  if (every === undefined) return getPruningRule(spec) === 'patience' ? listParts(TENTHS, steps) : [];
  return Array.from({ length: Math.ceil(steps / every) - 1 }, (_, i) => (i + 1) * every);
}

function listParts(shares: readonly number[], steps: number): number[] {
  return [...new Set(shares.map((part) => Math.ceil(part * steps)))].filter((step) => step < steps);
}

function listGeometricRungs(factor: number): number[] {
  const rungs = new Set<number>();
  for (let step = 1; step <= EXTERNAL_STEPS; step *= factor) rungs.add(Math.round(step));
  return [...rungs];
}

/** Returns how many best values a job keeps: as many as are confirmed, so that pruning cannot change which. */
export function countLeaders({ confirm }: JobSpec): number {
  return Math.max(1, confirm.top);
}
