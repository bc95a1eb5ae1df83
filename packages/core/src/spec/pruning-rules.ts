import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import type { ExternalObjective } from '../objective/external.ts';
import type { ModuleObjective } from '../objective/module.ts';
import type { TrainingObjective } from '../objective/schema.ts';

const patienceSchema = z
  .strictObject({
    rule: z.literal('patience').describe('Stops trials that no longer improve'),
    steps: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .describe('A trial stops if its value was no better than its best for so many steps'),
  })
  .describe('Stops trials that no longer improve, unless they are among the best');

/** The rules that are plain text. */
const plainRules = ['none', 'proven', 'median', 'asha', 'predicted'] as const;
const WANTED = `must be ${plainRules.join(', ')} or { rule: patience, steps: 100 }`;

/** Returns what is wrong with a map of another rule than `patience`, the only one with settings. */
function describeOtherRule(given: unknown): string | undefined {
  const rule = typeof given === 'object' && given !== null ? (given as { rule?: unknown }).rule : undefined;
  if (rule === undefined || rule === 'patience') return undefined;
  const plain = plainRules.find((each) => each === rule);
  return plain === undefined ? WANTED : `${plain} has no settings, only patience does; write it as text: ${plain}`;
}

/**
 * The rules that end a search trial early.
 *
 * - `proven`: its area under the loss curve already exceeds that of every point to confirm. Losses are not negative
 * - `median`: at a step (each tenth of them) it is worse than the median of the other trials
 * - `asha`: at a rung (1/27, 1/9 and 1/3 of the steps) it is not among the best third of the trials that reached it
 * - `predicted`: at a step (each twentieth of them) its predicted final value is worse than that of every point to
 *   confirm
 * - `patience`: it has not improved for so many steps, and its best value is worse than that of every point to confirm
 *
 * Sources: `median` is from Google Vizier (Golovin et al. 2017, section 3.2.1); `asha` is algorithm 2 of Li et al.
 * 2020, A System for Massively Parallel Hyperparameter Tuning; `predicted`: see `predictFinal`; `patience` is the early
 * stopping of Prechelt 1998 (criterion UP), limited to trials that are not among the best.
 */
export const pruningSchema = z.union([z.enum(plainRules, WANTED), patienceSchema], {
  error: ({ input }) => describeOtherRule(input),
});

type Pruning = z.infer<typeof pruningSchema>;

interface PrunedSearch {
  search: { pruning: Pruning };
}

interface PrunedJob extends PrunedSearch {
  objective: TrainingObjective | ModuleObjective | ExternalObjective;
}

export type PruningRule = Extract<Pruning, string> | Extract<Pruning, object>['rule'];

/** Returns the name of the job's pruning rule. */
export function getPruningRule({ search: { pruning } }: PrunedSearch): PruningRule {
  return typeof pruning === 'string' ? pruning : pruning.rule;
}

/**
 * What the value of a pruned trial is: a bound, because the final value would have been no better, or only the value
 * that it had when it was stopped.
 */
export type PrunedValue = 'bound' | 'when-stopped';

/**
 * Returns what the values of the job's pruned trials are. `median` and `asha` compare values at the same step, and an
 * early accuracy or loss is often worse than any at the end. An area grows with each step, so it is a bound.
 */
export function getPrunedValue(spec: PrunedJob): PrunedValue {
  const rule = getPruningRule(spec);
  return (rule === 'median' || rule === 'asha') && !isArea(spec) ? 'when-stopped' : 'bound';
}

function isArea({ objective }: PrunedJob): boolean {
  return objective.kind === 'training' && objective.metric === 'aulc';
}

/** Refuses pruning rules that the objective's intermediate values cannot support. */
export function checkPruning(spec: PrunedJob): Problem[] {
  const { objective } = spec;
  const rule = getPruningRule(spec);
  const refuse = (message: string): Problem[] => [{ path: ['search', 'pruning'], message }];
  const isAulc = isArea(spec);
  if (rule === 'patience' && isAulc) {
    return refuse('patience needs a value that can improve, and the area of the loss only grows; choose another rule');
  }
  if (rule !== 'proven' || isAulc) return [];
  return refuse(
    objective.kind === 'training'
      ? `proven needs a bound that only grows, and the metric is ${objective.metric}; choose another rule`
      : 'proven needs a bound that only grows, which modules and external programs do not report; ' +
          'choose median, asha, predicted or patience',
  );
}
