import type { Constraint, ParameterValue, SpaceDefinition } from '@gradsmith/bayesopt';
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import type { Bindings } from '../objective/apply-point.ts';
import { type ExternalObjective } from '../objective/external.ts';
import type { Searchable } from '../objective/free-parameters.ts';
import { type ModuleObjective } from '../objective/module.ts';
import { defaultFunctions } from '../objective/program.ts';
import { type TrainingObjective } from '../objective/schema.ts';
import { explainFixed, listSearchables } from '../objective/searchable-fields.ts';
import { parseConstraints, type ConstraintTexts } from './parameter-constraints.ts';
import { completeNamedProgram, completeProgram, isFormulaPlace } from './program-parameters.ts';

const pointer = z
  .string()
  .max(200)
  .regex(/^(?:\/[A-Za-z0-9_.-]+)+$/, 'must be a JSON pointer into the objective, such as /optimizer/learningRate');
const at = {
  at: pointer
    .optional()
    .describe('Field of the objective that it sets; not needed for meta-weights, which are known by name'),
};
const value = z.union([z.number(), z.string().max(100), z.boolean()]);
const when = {
  when: z
    .record(z.string().max(64), z.array(value).max(1000))
    .optional()
    .describe(
      'Active only while each parameter named here is active and has one of the listed values; otherwise points have ' +
        'no value for it. `{ optimizer: [adam, adamw] }`',
    ),
};
// The optimizer's space check checks ranges and names the remedy.
const range = {
  low: z.number().describe('Smallest value'),
  high: z.number().describe('Largest value, included'),
  scale: z.enum(['linear', 'log']).default('linear').describe('`log` for values that vary over orders of magnitude'),
  step: z.number().optional().describe('Only low, low + step, low + 2·step, …'),
  ...at,
  ...when,
};

const parameterSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('float').describe('A number'), ...range }),
  z.strictObject({ type: z.literal('int').describe('A whole number'), ...range }),
  z.strictObject({
    type: z.literal('categorical').describe('One of several values'),
    choices: z.array(value).min(1).max(1000).describe('Values without an order'),
    ...at,
    ...when,
  }),
  z.strictObject({
    type: z.literal('program').describe('A formula'),
    operands: z
      .array(z.string().max(16))
      .min(1)
      .max(32)
      .optional()
      .describe('Names that formulas use; by default all that the field has. Other objectives have no default'),
    functions: z
      .array(z.string().max(16))
      .max(64)
      .optional()
      .describe(`Functions that formulas use; by default ${defaultFunctions.join(', ')} and normalizations`),
    maxNodes: z.int().min(1).max(63).default(15).describe('Operands, constants and functions of a formula, at most'),
    constants: z
      .union([
        z.literal(false),
        z.strictObject({
          low: z.number().describe('Smallest constant'),
          high: z.number().describe('Largest constant'),
        }),
      ])
      .default({ low: -2, high: 2 })
      .describe('Range of the constants in formulas, or false for none'),
    start: z
      .array(z.string().min(1).max(400))
      .max(100)
      .default([])
      .describe('Formulas that the search tries first, such as known rules'),
    probes: z
      .record(z.string().max(16), z.string().max(200))
      .optional()
      .describe(
        'What an operand is where formulas are compared: a formula of standard normal numbers, such as `abs(v)` for ' +
          'a `v` that is never negative. Needed for `module` and `external` only',
      ),
    ...at,
    ...when,
  }),
  z.strictObject({
    type: z.literal('constant').describe('A fixed value'),
    value: value.describe('The one value'),
    ...at,
    ...when,
  }),
]);

/** Parameters by name. A plain value fixes a parameter that exists already, such as `relu7.b: 0`. */
export const spaceSchema = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
        'a parameter name has 1 to 64 letters, digits, dots, dashes or underscores and begins with a letter',
      ),
    z.union([value, parameterSchema]),
  )
  .refine((space) => Object.keys(space).length <= 200, 'at most 200 parameters');

/** A search space with the constraints that every point fulfills. */
export interface SearchSpace {
  space: SpaceDefinition;
  constraints: Constraint[];
}

/**
 * Builds the search space of a job: the free meta-weights of its objective, changed and extended by its `space`.
 * `problems` lists what cannot be searched: fields that would change what is measured (invariant 8), fields that do not
 * exist, and fields set by two parameters. Parameters of modules and external objectives have names only.
 */
export function buildSearchSpace(spec: {
  objective: TrainingObjective | ModuleObjective | ExternalObjective;
  space: z.infer<typeof spaceSchema>;
  constraints?: ConstraintTexts;
}): SearchSpace & { bindings: Bindings; problems: Problem[] } {
  const built = spec.objective.kind === 'training' ? trainingSpace(spec.objective, spec.space) : namedSpace(spec.space);
  // Constraints can be parsed only for a valid space.
  if (!spec.constraints?.length || built.problems.length) return { ...built, constraints: [] };
  const { constraints, problems } = parseConstraints(spec.constraints, built.space);
  return { ...built, constraints, problems };
}

interface NamedSpace {
  space: SpaceDefinition;
  bindings: Bindings;
  problems: Problem[];
}

function trainingSpace(objective: TrainingObjective, declared: z.infer<typeof spaceSchema>): NamedSpace {
  const { free, isSearchable, allowed } = listSearchables(objective, listSwitches(declared));
  const found: Record<string, Searchable> = { ...free };
  const problems: Problem[] = [];
  for (const [name, entry] of Object.entries(declared)) {
    const given = typeof entry === 'object' ? entry : { type: 'constant' as const, value: entry };
    const freeAt = Object.hasOwn(free, name) ? free[name]!.at : undefined;
    const { at, ...parameter } = { at: freeAt, ...given };
    if (at === undefined) {
      const known = Object.keys(free).join(', ') || 'none';
      problems.push({
        path: ['space', name],
        message:
          `needs "at" with the field that it sets, such as at: /optimizer/learningRate; names known ` +
          `without it: ${known}`,
      });
    } else if (at !== freeAt && !isSearchable(at)) {
      const reason = explainFixed(at);
      problems.push({
        path: ['space', name, 'at'],
        message: `${at} cannot be searched${reason ? `, ${reason}` : ''}; these can: ${allowed.join(', ')}`,
      });
    } else if ('when' in parameter && parameter.when && listPlaces(free).includes(at)) {
      problems.push({
        path: ['space', name, 'when'],
        message: 'cannot be given for a weight of a meta-network, because without a value there is no b-function',
      });
    } else if ((parameter.type === 'program') !== isFormulaPlace(at)) {
      problems.push({
        path: ['space', name, 'type'],
        message:
          parameter.type === 'program'
            ? `${at} is no formula; a program sets the formula of a program, of an expression or of an optimizer`
            : `${at} is a formula, which only type: program searches`,
      });
    } else if (parameter.type === 'program') {
      const { problems: inProgram, ...completed } = completeProgram(parameter, objective, at);
      problems.push(...inProgram.map(({ path, message }) => ({ path: ['space', name, ...path], message })));
      found[name] = { at, parameter: completed };
    } else found[name] = { at, parameter };
  }
  return {
    space: Object.fromEntries(Object.entries(found).map(([name, { parameter }]) => [name, parameter])),
    bindings: Object.fromEntries(Object.entries(found).map(([name, { at }]) => [name, at])),
    problems: [...problems, ...boundTwice(found)],
  };
}

/** Lists the choices by the field that they set. A field that decides which others exist is such a field. */
function listSwitches(space: z.infer<typeof spaceSchema>): Map<string, readonly ParameterValue[]> {
  const switches = Object.values(space).flatMap((entry): [string, readonly ParameterValue[]][] =>
    typeof entry === 'object' && entry.type === 'categorical' && entry.at !== undefined
      ? [[entry.at, entry.choices]]
      : [],
  );
  return new Map(switches);
}

function listPlaces(searchables: Readonly<Record<string, Searchable>>): string[] {
  return Object.values(searchables).map(({ at }) => at);
}

function namedSpace(given: z.infer<typeof spaceSchema>): NamedSpace {
  const space: Record<string, SpaceDefinition[string]> = {};
  const problems: Problem[] = [];
  for (const [name, entry] of Object.entries(given)) {
    const described = typeof entry === 'object' ? entry : { type: 'constant' as const, value: entry };
    const { at, ...parameter } = { at: undefined, ...described };
    if (at !== undefined)
      problems.push({
        path: ['space', name, 'at'],
        message: 'belongs to trainings; this objective gets its parameters by name, so leave "at" out',
      });
    if (parameter.type === 'program') {
      const { problems: inProgram, ...completed } = completeNamedProgram(parameter);
      problems.push(...inProgram.map(({ path, message }) => ({ path: ['space', name, ...path], message })));
      space[name] = completed;
    } else space[name] = parameter;
  }
  return { space, bindings: {}, problems };
}

function boundTwice(found: Readonly<Record<string, Searchable>>): Problem[] {
  const owner = new Map<string, string>();
  return Object.entries(found).flatMap(([name, { at }]) => {
    const other = owner.get(at);
    owner.set(at, name);
    return other === undefined ? [] : [{ path: ['space', name], message: `sets ${at}, which ${other} sets already` }];
  });
}
