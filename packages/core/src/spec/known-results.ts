import { createSpace } from '@gradsmith/bayesopt';
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { listPointProblems, pointSchema } from '../domain/point.ts';
import { listMissingMetrics, type NeedingSpec } from './needed-metrics.ts';
import { listViolations } from './parameter-constraints.ts';
import type { SearchSpace } from './search-space.ts';

/** Known results of a job, at most. */
export const MAX_KNOWN = 500;

const knownResultSchema = z
  .strictObject({
    point: pointSchema,
    outcome: z
      .enum(['complete', 'diverged', 'pruned', 'failed'])
      .default('complete')
      .describe('Outcome of the evaluation'),
    value: z
      .number()
      .optional()
      .describe('In the units of the metric; a bound for a pruned result; absent for a failed one'),
    metrics: z
      .record(z.string().max(64), z.number())
      .optional()
      .describe('Further metrics of a complete result, which measured constraints and several objectives need'),
  })
  .refine(({ outcome, value }) => (outcome === 'failed') === (value === undefined), {
    path: ['value'],
    message: 'must be given for every result except a failed one',
  });

/**
 * Results that the optimizer knows before the first trial. They are part of the specification and never change, so that
 * every suggestion can be recomputed (invariant 4). They count neither for the budget nor for the best value.
 */
export const knownSchema = z
  .array(knownResultSchema)
  .max(MAX_KNOWN)
  .default([])
  .describe('Earlier results that the optimizer starts from; they do not count for the budget');
export type KnownResult = z.infer<typeof knownResultSchema>;

/** Lists known points that are not in the space. Paths start at the job. */
export function checkKnownResults(
  spec: NeedingSpec & { search: { known: readonly KnownResult[] } },
  { space: definition, constraints }: SearchSpace,
): Problem[] {
  const {
    search: { known },
    constraints: texts,
  } = spec;
  if (!known.length) return [];
  const space = createSpace(definition, constraints);
  return known.flatMap((result, i): Problem[] => {
    const { point } = result;
    if (space.contains(point)) return findMissingMetrics(spec, result, i);
    const path = ['search', 'known', i, 'point'];
    const problems = listPointProblems(definition, point).map((one) => `${one.path.join('.')} ${one.message}`);
    if (problems.length) {
      const names = Object.keys(definition).join(', ');
      return [{ path, message: `is not a point of the space, which has ${names}: ${problems.join('; ')}` }];
    }
    return listViolations(texts, constraints, point).map((text) => ({
      path,
      message: `does not fulfill the constraint ${text}`,
    }));
  });
}

/** Refuses a complete result without a metric that the job needs of every result. */
function findMissingMetrics(spec: NeedingSpec, { outcome, value, metrics = {} }: KnownResult, i: number): Problem[] {
  if (outcome !== 'complete') return [];
  return listMissingMetrics(spec, { value: value!, metrics }).map((name) => ({
    path: ['search', 'known', i, 'metrics'],
    message: `must have ${name}, which the job needs of every result`,
  }));
}
