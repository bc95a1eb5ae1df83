import { collectDemands, type Parameter, type ParameterValue, type SpaceDefinition } from '@gradsmith/bayesopt';
import type { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { setAtPointer } from '../domain/json-pointer.ts';
import { toProblems } from '../domain/to-problems.ts';
import { assignValue, type Bindings, withZeros } from './apply-point.ts';
import { derivativeSchema } from './derivatives/schema.ts';
import { listFeedbackProblems } from './feedback-problems.ts';
import { optimizerSchema } from './optimizer.ts';
import { type TrainingObjective, trainingObjectiveSchema } from './schema.ts';
import { createDefaults, getOwner, isSwitch, OPTIMIZER_NAME } from './switch-fields.ts';

/** A share of a range that gives no whole number: the golden section. */
const INSIDE = (3 - Math.sqrt(5)) / 2;

/** The values of a parameter that between them show whether its whole range is acceptable. */
function listProbes(parameter: Parameter): readonly ParameterValue[] {
  if (parameter.type === 'categorical') return parameter.choices;
  if (parameter.type === 'constant') return [parameter.value];
  if (parameter.type === 'program') return [parameter.operands[0]!];
  const { type, low, high, step = (high - low) * INSIDE } = parameter;
  return type === 'float' && low + step <= high ? [low, high, low + step] : [low, high];
}

/** The field whose values other settings of a job can exclude. */
const TRANSPOSE_KIND = /^\/backward\/\d+\/transpose\/kind$/;

/** A search over an objective. */
interface Search {
  readonly space: SpaceDefinition;
  readonly bindings: Bindings;
}

/**
 * Lists values of the search that the objective's fields would refuse: the bounds and choices of each parameter, and
 * each kind of derivative or name of an optimizer with the other parameters searched there. Paths start with the
 * parameter's name.
 */
export function checkBounds(objective: TrainingObjective, space: SpaceDefinition, bindings: Bindings): Problem[] {
  const base = withZeros(objective);
  const search = { space, bindings };
  const alone = Object.entries(space).flatMap(([name, parameter]) => {
    if (!Object.hasOwn(bindings, name)) return [];
    const at = bindings[name]!;
    const refusals = listBases(base, search, name).flatMap((start) =>
      listProbes(parameter).flatMap((value) => {
        const input = assignValue(start, at, value);
        const result = trainingObjectiveSchema.safeParse(input);
        if (!result.success) return [{ value, message: describeRefusal(value, at, result.error, input) }];
        if (!TRANSPOSE_KIND.test(at)) return [];
        return listFeedbackProblems(result.data).map(({ message }) => ({
          value,
          message: `${at} ${value}: ${message}`,
        }));
      }),
    );
    // A value between the bounds is of interest only if both bounds are accepted.
    const outer = refusals.filter(({ value }) => !isBetween(value, parameter));
    const shown = (outer.length ? outer : refusals).map(({ message }) => message);
    return [...new Set(shown)].map((message): Problem => ({ path: [name], message }));
  });
  return alone.length ? alone : listSwitchProblems(search);
}

/** The parameter that sets the switch next to another parameter's field. */
interface FoundSwitch {
  readonly name: string;
  /** Its values with which the other parameter is active. */
  readonly values: readonly ParameterValue[];
  /** Whether the other parameter is active only while the switch is. */
  readonly isDemanded: boolean;
}

/** Returns the parameter that sets the switch next to the field of a parameter. */
function findSwitch({ space, bindings }: Search, name: string): FoundSwitch | undefined {
  const at = bindings[name]!;
  const found = Object.entries(bindings).find(
    ([other, place]) => other !== name && isSwitch(place) && at.startsWith(`${getOwner(place)}/`),
  );
  if (!found) return undefined;
  const demanded = collectDemands(space, name).get(found[0]);
  return {
    name: found[0],
    values: [...(demanded ?? listProbes(space[found[0]]!))],
    isDemanded: demanded !== undefined,
  };
}

/**
 * Lists the objectives in which a parameter is set: with each value of the switch next to its field that has the field.
 * What none of them has is refused with the objective as it is.
 */
function listBases(base: TrainingObjective, search: Search, name: string): TrainingObjective[] {
  const found = findSwitch(search, name);
  if (!found) return [base];
  const at = search.bindings[found.name]!;
  const place = search.bindings[name]!;
  const probe = listProbes(search.space[name]!)[0]!;
  const fitting = found.values.filter((value) => hasPlace(at, value, place, probe));
  const isAlwaysSet = found.isDemanded || search.space[found.name]!.when === undefined;
  const set = fitting.map((value) => assignValue(base, at, value));
  return set.length && isAlwaysSet ? set : [...set, base];
}

function isBetween(value: ParameterValue, parameter: Parameter): boolean {
  return parameter.type === 'float' && value !== parameter.low && value !== parameter.high;
}

function describeRefusal(value: ParameterValue, at: string, error: z.ZodError, input: unknown): string {
  const [issue] = error.issues;
  if (issue!.code === 'invalid_type' && issue!.expected === 'int' && typeof value === 'number')
    return `${at} takes whole numbers only; use type: int or a whole step`;
  const [problem] = toProblems(error, { schema: trainingObjectiveSchema, input });
  return `${at} ${problem!.message}`;
}

/** Setting a switch resets its owner, so what is searched there must exist for each value that it is active with. */
function listSwitchProblems(search: Search): Problem[] {
  const { space, bindings } = search;
  const switches = Object.entries(bindings).filter(([, at]) => isSwitch(at));
  return switches.flatMap(([name, at]): Problem[] => {
    const owner = getOwner(at);
    const others = Object.entries(bindings).filter(([other]) => findSwitch(search, other)?.name === name);
    const values = listProbes(space[name]!);
    if (values.includes('meta-network')) {
      const message =
        'meta-network cannot be a choice, because its weights have no defaults; search it in a separate job';
      return [{ path: [name], message }];
    }
    for (const value of values) {
      const without = others.filter(
        ([other, place]) =>
          findSwitch(search, other)!.values.includes(value) &&
          !hasPlace(at, value, place, listProbes(space[other]!)[0]!),
      );
      if (without.length) return [describeMissing(name, value, owner, without)];
    }
    return [];
  });
}

function describeMissing(
  name: string,
  value: ParameterValue,
  owner: string,
  without: readonly (readonly [name: string, place: string])[],
): Problem {
  const places = without.map(([, place]) => place.slice(owner.length + 1)).join(', ');
  const names = without.map(([other]) => other).join(', ');
  const sets = without.length === 1 ? 'sets' : 'set';
  const message =
    `${value} has nothing at ${places}, which ${names} ${sets}; with when: { ${name}: […] }, a parameter is ` +
    'searched only for the values that have it';
  return { path: [name], message };
}

/** Whether a value of a switch has a field at a pointer. */
function hasPlace(at: string, value: ParameterValue, place: string, probe: ParameterValue): boolean {
  const defaults = createDefaults(at, value);
  const schema = at === OPTIMIZER_NAME ? optimizerSchema : derivativeSchema;
  try {
    return (
      defaults !== undefined &&
      schema.safeParse(setAtPointer(defaults, place.slice(getOwner(at).length), probe)).success
    );
  } catch {
    return false;
  }
}
