import {
  algorithms,
  checkSpace,
  createSpace,
  DEFAULT_EVOLUTION,
  findProgramParameter,
  findUnorderedParameter,
  searchesPrograms,
  type SpaceDefinition,
  type Algorithm,
} from '@gradsmith/bayesopt';
import { z } from 'zod';
import { budgetSchema } from '../domain/budget.ts';
import type { Direction } from '../domain/direction.ts';
import { durationSchema } from '../domain/duration.ts';
import { InvalidInput, type Problem } from '../domain/errors.ts';
import { MAX_LABEL_VALUE } from '../domain/label-rules.ts';
import { nameSchema } from '../domain/name.ts';
import { toProblems } from '../domain/to-problems.ts';
import { checkBounds } from '../objective/check-bounds.ts';
import { checkObjective } from '../objective/check-objective.ts';
import { externalObjectiveSchema } from '../objective/external.ts';
import { getMetricDirection } from '../objective/metric.ts';
import { moduleObjectiveSchema } from '../objective/module.ts';
import { trainingObjectiveSchema, type TrainingObjective } from '../objective/schema.ts';
import { checkBaselines } from './baselines.ts';
import { checkSize, MAX_LABELS } from './check-size.ts';
import { confirmSchema } from './confirm.ts';
import { checkKnownResults, knownSchema } from './known-results.ts';
import { checkMeasuredConstraints } from './measured-constraints.ts';
import { checkObjectives, objectivesSchema } from './objectives.ts';
import { checkAllowedShare, constraintsSchema } from './parameter-constraints.ts';
import { checkPruning, pruningSchema } from './pruning-rules.ts';
import { buildSearchSpace, spaceSchema } from './search-space.ts';
import { checkWorkerRequest, prioritySchema, workerRequestSchema } from './worker-request.ts';

/** What a trial measures: a training, a module that the operator of the workers provides, or an external objective. */
const objectiveSchema = z.discriminatedUnion('kind', [
  trainingObjectiveSchema,
  moduleObjectiveSchema,
  externalObjectiveSchema,
]);

/** Rules that stop the search before its budget is used up. The first one that applies does. */
const stopSchema = z
  .strictObject({
    target: z.number().optional().describe('Stops once a complete trial has this value or a better one'),
    patience: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe('Stops after so many results in a row without a new best'),
    time: durationSchema.optional().describe('Stops at this time after the start of the job, or after its extension'),
    improvement: z
      .union(
        [z.literal('noise'), z.number().positive()],
        'must be noise, or a number greater than 0 in the units of the metric',
      )
      .optional()
      .describe(
        'Stops once the model expects less than this improvement of one more trial, after five results in a row: a ' +
          'number in the units of the metric, or `noise`: 0.03 times the standard deviation of the noise that the ' +
          'model has fitted. Only for the algorithm `gp`',
      ),
  })
  .refine(
    (stop) => Object.values(stop).some((rule) => rule !== undefined),
    'must have target, patience, time or improvement',
  );

const searchSchema = z.strictObject({
  algorithm: z
    .enum(Object.keys(algorithms) as Algorithm[])
    .default('gp')
    .describe(
      '`gp`: Gaussian process; `tpe`: tree of Parzen estimators; `cma-es`: evolution strategy for 10 to 100 ' +
        'numbers; `nsga-ii`: evolution for several objectives, which `gp` searches, too; ' +
        '`evolution`: regularized evolution, for programs; ' +
        '`sobol`, `random`, `grid`: no model',
    ),
  trials: budgetSchema.describe('Search trials to run: the budget'),
  maxParallelism: z
    .int()
    .min(1)
    .max(1_024)
    .default(4)
    .describe('Largest number of pending and running trials. With more than 1, points depend on the order of results'),
  initial: z.int().min(1).max(1000).default(8).describe('Space-filling points before the first point of the model'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .describe('Seed of the search: the same seed and the same values give the same points'),
  pruning: pruningSchema
    .default('none')
    .describe(
      'When a trial ends early: proven once it cannot win; predicted once its predicted final value cannot win; ' +
        'median and asha if it is worse than others at the same step; `{ rule: patience, steps: 100 }` if it has ' +
        'not improved for so many steps and is not among the best',
    ),
  evolution: z
    .strictObject({
      population: z
        .int()
        .min(2)
        .max(10_000)
        .default(DEFAULT_EVOLUTION.population)
        .describe('Parents are chosen from so many trials, the youngest'),
      tournament: z
        .int()
        .min(1)
        .max(1_000)
        .default(DEFAULT_EVOLUTION.tournament)
        .describe('A parent is the best of so many of them, drawn at random'),
    })
    .optional()
    .describe('`{ population, tournament }` of the algorithm `evolution`'),
  known: knownSchema,
  stop: stopSchema
    .optional()
    .describe('Completes the job before its budget is used up: running trials finish, the best points are confirmed'),
});

const limitsSchema = z.strictObject({
  trialTimeout: durationSchema
    .default('30m')
    .describe('An attempt that takes longer is stopped and fails; `90s`, `30m`, `2h`'),
  attempts: z.int().min(1).max(20).default(3).describe('Attempts at a trial that fails or whose worker dies'),
  deadline: durationSchema
    .optional()
    .describe(
      'Time after which the job ends, from its start or from when it was extended: it completes with the trials ' +
        'that are ' +
        'complete, without confirmations, or fails if none is. No deadline by default; search.stop.time ends ' +
        'only the search',
    ),
  backoff: durationSchema.default('1s').describe('Pause after a failed attempt; it doubles with each further one'),
  maxFailures: z
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe(
      'Failed trials that are allowed. By default 10 until a trial is complete or pruned, ' +
        'then two thirds of the trials, at least 10',
    ),
});

const webhookSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must look like https://host/path' })
    .max(1_000)
    .refine(
      (url) => !URL.canParse(url) || (!new URL(url).username && !new URL(url).password),
      'must not contain a user name or password, because everybody who can read the job sees it',
    )
    .describe('Address. Private addresses only if the operator of the service allows them'),
  on: z
    .array(z.enum(['best', 'finished']))
    .min(1)
    .max(2)
    .default(['best', 'finished'])
    .describe('best: a trial is better than all before it. finished: the job has finished'),
});

/** A job as clients post it and job files contain it. Unknown fields are refused. */
export const jobSchema = z.strictObject({
  name: nameSchema.describe(
    'Lower-case letters, digits, dots, dashes and underscores. Commands accept it instead of the id',
  ),
  labels: z
    .record(nameSchema, z.string().max(MAX_LABEL_VALUE))
    .default({})
    .describe(`For filtering lists, and for limits of slots that the operator sets. At most ${MAX_LABELS}`),
  objective: objectiveSchema.describe('What a trial measures'),
  space: spaceSchema
    .default({})
    .describe('What is searched: parameters by name. Free weights of a meta-network are included by default'),
  constraints: constraintsSchema.optional(),
  objectives: objectivesSchema.optional(),
  search: searchSchema.describe('The algorithm and the budget of the search'),
  confirm: confirmSchema.prefault({}).describe('How the best points are repeated on fresh seeds'),
  limits: limitsSchema.prefault({}).describe('When attempts, trials and jobs are stopped'),
  priority: prioritySchema.optional(),
  workers: workerRequestSchema.optional().describe('Which workers may execute the trials; by default all that can'),
  webhooks: z
    .array(webhookSchema)
    .max(5)
    .optional()
    .describe('Addresses that receive a signed POST for each event; the service must have a secret to sign with'),
});
/** A job with every default filled in. */
export type JobSpec = z.infer<typeof jobSchema>;
/** A job as clients write it: fields with a default may be left out. */
export type JobInput = z.input<typeof jobSchema>;
/** A job whose trials are trainings. */
export type TrainingJob = JobSpec & { objective: TrainingObjective };

export function isTrainingJob(spec: JobSpec): spec is TrainingJob {
  return spec.objective.kind === 'training';
}

/** Returns whether the trials of the job record weights. */
export function isRecorded(spec: JobSpec): boolean {
  return isTrainingJob(spec) && spec.objective.record !== undefined;
}

/** Checks a job completely: shape, network, space. Throws InvalidInput with every problem found. */
export function parseJob(input: unknown): JobSpec {
  const given = withoutConfirm(input);
  const parsed = jobSchema.safeParse(given);
  if (!parsed.success) throw new InvalidInput(toProblems(parsed.error, { schema: jobSchema, input: given }));
  const spec = parsed.data;
  const tooLarge = checkSize(spec);
  if (tooLarge.length) throw new InvalidInput(tooLarge);
  const invalid = isTrainingJob(spec)
    ? checkObjective(spec.objective).map(({ path, message }): Problem => ({ path: ['objective', ...path], message }))
    : checkConfirmation(spec);
  // A space can be checked only against a valid objective.
  const inSpace = invalid.length ? [] : spaceProblems(spec);
  const inBaselines = invalid.length || inSpace.length ? [] : checkBaselines(spec);
  const problems = [
    ...invalid,
    ...inSpace,
    ...checkPruning(spec),
    ...checkStop(spec),
    ...checkWorkerRequest(spec),
    ...checkMeasuredConstraints(spec),
    ...checkObjectives(spec),
    ...inBaselines,
  ];
  if (problems.length) throw new InvalidInput(problems);
  return spec;
}

/** Refuses a stop rule that needs a model of a job without one. */
function checkStop({ search: { stop, algorithm } }: JobSpec): Problem[] {
  if (stop?.improvement === undefined || algorithm === 'gp') return [];
  const message = `needs the model of the algorithm gp, and the algorithm is ${algorithm}; choose another rule`;
  return [{ path: ['search', 'stop', 'improvement'], message }];
}

/** Only trainings of one metric are compared with a reference, so other jobs are not confirmed by default. */
function withoutConfirm(input: unknown): unknown {
  const { objective, objectives, confirm } = (input ?? {}) as {
    objective?: { kind?: unknown } | null;
    objectives?: unknown;
    confirm?: unknown;
  };
  const isCompared = objective?.kind !== 'external' && objective?.kind !== 'module' && objectives === undefined;
  return !isCompared && confirm === undefined ? { ...(input as object), confirm: { top: 0, seeds: 0 } } : input;
}

function checkConfirmation({ confirm }: JobSpec): Problem[] {
  if (confirm.top === 0 || confirm.seeds === 0) return [];
  return [{ path: ['confirm'], message: 'only trainings can be confirmed by Gradsmith; leave confirm out' }];
}

function spaceProblems(spec: JobSpec): Problem[] {
  const { space, bindings, constraints, problems } = buildSearchSpace(spec);
  if (problems.length) return problems;
  const inSpace = ({ path, message }: { path: readonly (string | number)[]; message: string }): Problem => ({
    path: ['space', ...path],
    message,
  });
  const inconsistent = checkSpace(space);
  if (inconsistent.length) return inconsistent.map(inSpace);
  const refused = isTrainingJob(spec) ? checkBounds(spec.objective, space, bindings) : [];
  if (refused.length) return refused.map(inSpace);
  if (Object.values(space).some(({ type }) => type !== 'constant'))
    return [
      ...checkAlgorithm(spec, space),
      ...checkAllowedShare(spec.constraints, space, constraints),
      ...checkKnownResults(spec, { space, constraints }),
    ];
  return [
    {
      path: ['space'],
      message: 'nothing is left to search; add a parameter, or a meta-network without weights under objective.backward',
    },
  ];
}

/** Refuses algorithms that cannot search the space: programs, parameters without an order, or conditions. */
function checkAlgorithm({ search }: JobSpec, space: SpaceDefinition): Problem[] {
  const program = searchesPrograms(search.algorithm) ? undefined : findProgramParameter(createSpace(space));
  if (program !== undefined) {
    const message = `${search.algorithm} searches no programs, which ${program} is; choose evolution or random`;
    return [{ path: ['search', 'algorithm'], message }];
  }
  if (search.evolution && search.algorithm !== 'evolution')
    return [{ path: ['search', 'evolution'], message: 'belongs to the algorithm evolution; leave it out' }];
  const without = search.algorithm === 'cma-es' ? findUnorderedParameter(createSpace(space)) : undefined;
  if (without === undefined) return [];
  const message = `cma-es searches numbers without conditions, which ${without} is not; choose gp or tpe`;
  return [{ path: ['search', 'algorithm'], message }];
}

/** Returns the number of seeds over which the value of a search trial is a mean. */
export function countTrialSeeds(objective: JobSpec['objective']): number {
  return objective.kind === 'training' ? (objective.seedsPerTrial ?? 1) : 1;
}

/** Returns the direction of the job's metric. */
export function getDirection({ objective }: Pick<JobSpec, 'objective'>): Direction {
  return objective.kind === 'training' ? getMetricDirection(objective.metric) : objective.metric.direction;
}

/** Returns the name of the job's metric. */
export function getMetricName({ objective }: Pick<JobSpec, 'objective'>): string {
  return objective.kind === 'training' ? objective.metric : objective.metric.name;
}
