import { checkSpace } from '@gradsmith/bayesopt';
import { z } from 'zod';
import { durationSchema } from '../duration.ts';
import { InvalidInput, type Problem } from '../errors.ts';
import { toProblems } from '../to-problems.ts';
import { checkBounds, checkObjective, metricDirection, trainingObjectiveSchema } from '../objective/index.ts';
import { spaceOf, spaceSchema } from './space.ts';

const name = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 lower-case letters, digits, dots, dashes or underscores, beginning and ending with a letter or digit');

/** The objective measured by the job: so far a training that Gradsmith runs itself. */
const objectiveSchema = z.discriminatedUnion('kind', [trainingObjectiveSchema]);

const searchSchema = z
  .strictObject({
    algorithm: z.enum(['gp', 'random', 'sobol', 'grid', 'tpe']).default('gp'),
    trials: z.int().min(1).max(100_000).describe('Numbers the search may settle: its budget'),
    maxParallelism: z.int().min(1).max(256).default(4).describe('Trials open at once, at most'),
    initial: z.int().min(1).max(1000).default(8).describe('Space-filling points before the model takes over'),
    seed: z.int().min(0).max(2 ** 31 - 1).default(0),
    pruning: z
      .literal('none', 'only none is supported: trials are never cut short yet')
      .default('none'),
  });

const confirmSchema = z.strictObject({
  top: z.int().min(0).max(20).default(3).describe('Best points to run again'),
  seeds: z.int().min(0).max(100).default(5).describe('Fresh seeds for each of them and for the reference'),
});

const limitsSchema = z.strictObject({
  trialTimeout: durationSchema.default('30m'),
  attempts: z.int().min(1).max(20).default(3).describe('Tries at a trial whose attempts fail or whose worker dies'),
  backoff: durationSchema.default('1s').describe('Pause after a failed attempt; doubles with each further one'),
  maxFailures: z.int().min(0).max(100_000).default(10).describe('Failed trials after which the job fails'),
});

/** What a client posts and a job file says. Strict: unknown fields are refused. */
export const jobSchema = z.strictObject({
  name,
  labels: z.record(name, z.string().max(256)).default({}).describe('For filtering lists; free of meaning to Gradsmith'),
  objective: objectiveSchema,
  space: spaceSchema.default({}),
  search: searchSchema,
  confirm: confirmSchema.prefault({}),
  limits: limitsSchema.prefault({}),
});
/** A job with every default filled in. */
export type JobSpec = z.infer<typeof jobSchema>;

/** Checks a job completely: shape, network, space. Throws InvalidInput with every problem found. */
export function parseJob(input: unknown): JobSpec {
  const parsed = jobSchema.safeParse(input);
  if (!parsed.success) throw new InvalidInput(parsed.error.issues.flatMap((issue) => toProblems(issue)));
  const spec = parsed.data;
  const problems = checkObjective(spec.objective).map(({ path, message }): Problem => ({ path: ['objective', ...path], message }));
  // A space can only be judged against an objective that holds together.
  if (!problems.length) problems.push(...spaceProblems(spec));
  if (problems.length) throw new InvalidInput(problems);
  return spec;
}

function spaceProblems(spec: JobSpec): Problem[] {
  const { space, bindings, problems } = spaceOf(spec);
  if (problems.length) return problems;
  const inSpace = ({ path, message }: { path: readonly (string | number)[]; message: string }): Problem => ({ path: ['space', ...path], message });
  const inconsistent = checkSpace(space);
  if (inconsistent.length) return inconsistent.map(inSpace);
  const outside = checkBounds(spec.objective, space, bindings);
  if (outside.length) return outside.map(inSpace);
  if (Object.values(space).some(({ type }) => type !== 'constant')) return [];
  return [{ path: ['space'], message: 'nothing is left to search; add a parameter, or a meta-network without weights under objective.backward' }];
}

/** Follows from the metric. */
export function directionOf(spec: JobSpec): 'minimize' | 'maximize' {
  return metricDirection(spec.objective.metric);
}

/** Strictly better in the job's direction, so that of equal trials the one told first stays best. */
export function better(a: number, b: number, spec: JobSpec): boolean {
  return directionOf(spec) === 'minimize' ? a < b : a > b;
}
