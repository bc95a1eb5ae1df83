import type { Condition, FunctionName, ProgramValues } from '@gradsmith/bayesopt';
import type { Problem } from '../domain/errors.ts';
import { findFeedbackProblem } from '../objective/backward-problems.ts';
import { listLayers } from '../objective/backward.ts';
import { getDatasetShape } from '../objective/dataset.ts';
import { contextNames } from '../objective/expression/functions.ts';
import { expandNetwork } from '../objective/networks/expand.ts';
import type { Layer } from '../objective/networks/layers.ts';
import {
  backwardNames,
  defaultBatchFunctions,
  defaultFunctions,
  describeBackwardProbes,
} from '../objective/program.ts';
import type { TrainingObjective } from '../objective/schema.ts';
import { updateNames, updateProbes } from '../objective/update-rule.ts';

/** A program as a job file has it. */
interface DeclaredProgram {
  type: 'program';
  operands?: string[] | undefined;
  functions?: string[] | undefined;
  maxNodes: number;
  constants: false | { low: number; high: number };
  start: string[];
  probes?: Record<string, string> | undefined;
  when?: Condition | undefined;
}

type WithOperands = Omit<DeclaredProgram, 'operands' | 'probes'> & {
  operands: readonly string[];
  probes?: Readonly<Record<string, string>> | undefined;
};
type CompletedProgram = ProgramValues & { when?: Condition; problems: Problem[] };
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What the formula at a place of the objective may use. */
interface Place {
  readonly names: readonly string[];
  readonly functions: readonly FunctionName[];
  readonly probes: Readonly<Record<string, string>>;
  /** Says why a name cannot be used; undefined if it can. */
  refuse?(name: string): string | undefined;
}

const BACKWARD_PLACE = /^\/backward\/(\d+)\/(program|derivative)\/formula$/;
const OPTIMIZER_PLACE = '/optimizer/formula';

/** Whether a pointer leads to a formula. */
export function isFormulaPlace(at: string): boolean {
  return at === OPTIMIZER_PLACE || BACKWARD_PLACE.test(at);
}

/** Fills in what the formula of a training may use. `problems` lists names and functions that it cannot use. */
export function completeProgram(declared: DeclaredProgram, objective: TrainingObjective, at: string): CompletedProgram {
  const place = describePlace(objective, at);
  const { operands = place.names.filter((name) => place.refuse?.(name) === undefined) } = declared;
  const problems = operands.flatMap((name, i): Problem[] => {
    if (!place.names.includes(name))
      return [{ path: ['operands', i], message: `${name} is no name of this formula: ${place.names.join(', ')}` }];
    const reason = place.refuse?.(name);
    return reason === undefined ? [] : [{ path: ['operands', i], message: reason }];
  });
  return complete({ ...declared, operands, probes: place.probes }, place.functions, problems);
}

/** Fills in what a formula may use that a module or an external program gets. */
export function completeNamedProgram(declared: DeclaredProgram): CompletedProgram {
  const missing: Problem = { path: ['operands'], message: 'is missing; list the names that formulas use' };
  const { operands = ['x'] } = declared;
  return complete({ ...declared, operands }, defaultBatchFunctions, declared.operands ? [] : [missing]);
}

function complete(
  { operands, functions, maxNodes, constants, start, probes = {}, when }: WithOperands,
  offered: readonly FunctionName[],
  problems: Problem[],
): CompletedProgram {
  const used = Object.entries(probes).filter(([name]) => operands.includes(name));
  const program: Mutable<CompletedProgram> = {
    type: 'program',
    operands,
    functions: (functions ?? offered) as FunctionName[],
    maxNodes,
    start,
    probes: Object.fromEntries(used),
    problems,
  };
  if (constants) program.constants = constants;
  if (when) program.when = when;
  return program;
}

function describePlace(objective: TrainingObjective, at: string): Place {
  const [, index, kind] = BACKWARD_PLACE.exec(at) ?? [];
  if (index === undefined) return optimizerPlace;
  const layers = expandNetwork(objective.network, getDatasetShape(objective.dataset));
  const names = listLayers(objective.backward[Number(index)]!);
  const first = layers.find(({ name }) => name === names[0]);
  const probes = first?.type === 'activation' ? describeBackwardProbes(first) : {};
  if (kind === 'derivative') return { names: ['z', ...Object.keys(contextNames)], functions: defaultFunctions, probes };
  return {
    names: Object.keys(backwardNames),
    functions: defaultBatchFunctions,
    probes,
    refuse: (name) => (name === 'r' ? findMissingFeedback(names, layers) : undefined),
  };
}

function findMissingFeedback(names: readonly string[], layers: readonly Layer[]): string | undefined {
  return names.map((name) => findFeedbackProblem(name, layers)).find((problem) => problem !== undefined);
}

const optimizerPlace: Place = {
  names: Object.keys(updateNames),
  functions: defaultFunctions,
  probes: updateProbes,
};
