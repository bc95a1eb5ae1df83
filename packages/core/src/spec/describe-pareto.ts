import { computeHypervolume } from '@gradsmith/bayesopt';
import { clampToFinite } from '../domain/clamp-to-finite.ts';
import type { JobRecord } from '../domain/job-record.ts';
import type { ParetoRecord } from '../domain/pareto-record.ts';
import { toCosts, type Objectives } from './objectives.ts';

/** The Pareto front of a job. Values are in the order of its objectives. */
export interface ParetoStatus {
  objectives: { metric: string; goal: 'minimize' | 'maximize' }[];
  /** Best value of the first objective first. */
  front: ParetoRecord['front'];
  /** See `ParetoRecord`. */
  omitted: number;
  /** What the front dominates, up to `reference`; 0 before the first trial on it. */
  hypervolume: number;
  /** The references of the job file; for an objective without one, the worst value of all complete trials. */
  reference: number[] | null;
}

/** Lists the front, best value of the first objective first. */
export function listFront({ pareto }: JobRecord, objectives: Objectives): ParetoRecord['front'] {
  const cost = (values: readonly number[]): number => toCosts(objectives, values)[0]!;
  return (pareto?.front ?? []).toSorted((a, b) => cost(a.values) - cost(b.values) || a.number - b.number);
}

/** Describes the Pareto front from the job's record alone; null for a job with one objective. */
export function describePareto(job: JobRecord, objectives: Objectives | undefined): ParetoStatus | null {
  if (!objectives) return null;
  const front = listFront(job, objectives);
  const reference = job.pareto ? objectives.map((each, m): number => each.reference ?? job.pareto!.worst[m]!) : null;
  return {
    objectives: objectives.map(({ metric, goal }) => ({ metric, goal })),
    front,
    omitted: job.pareto?.omitted ?? 0,
    hypervolume: reference
      ? clampToFinite(
          computeHypervolume(
            front.map(({ values }) => toCosts(objectives, values)),
            toCosts(objectives, reference),
          ),
        )
      : 0,
    reference,
  };
}
