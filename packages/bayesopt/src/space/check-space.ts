import { isFunctionName } from '../expression/functions.ts';
import { ExpressionError } from '../expression/parse.ts';
import { createGrammar } from '../program/grammar.ts';
import { checkConditions } from './check-conditions.ts';
import type { Parameter, ParameterValues, ProgramValues, SpaceDefinition, SpaceProblem } from './definition.ts';

type Report = (message: string, ...path: string[]) => void;
type Numeric = Extract<ParameterValues, { type: 'float' | 'int' }>;

/**
 * Lists every problem of a definition in key order; empty if it can be searched. Never throws: the input may be any
 * JSON value.
 */
export function checkSpace(definition: SpaceDefinition): SpaceProblem[] {
  const problems: SpaceProblem[] = [];
  if (!isRecord(definition)) return [{ path: [], message: 'must be an object of parameters by name' }];
  if (Object.keys(definition).length === 0) return [{ path: [], message: 'must have at least one parameter' }];
  for (const [name, parameter] of Object.entries(definition)) {
    checkParameter(parameter, (message, ...path) => problems.push({ path: [name, ...path], message }));
  }
  // Conditions can be checked only against valid parameters.
  return problems.length > 0 ? problems : checkConditions(definition);
}

const fields: Readonly<Record<string, readonly string[]>> = {
  float: ['type', 'low', 'high', 'scale', 'step', 'when'],
  int: ['type', 'low', 'high', 'scale', 'step', 'when'],
  categorical: ['type', 'choices', 'when'],
  constant: ['type', 'value', 'when'],
  program: ['type', 'operands', 'functions', 'maxNodes', 'constants', 'start', 'probes', 'when'],
};

function checkParameter(parameter: Parameter, report: Report): void {
  if (!isRecord(parameter)) return report('must be an object with a type');
  const type: unknown = parameter.type;
  const known = typeof type === 'string' && Object.hasOwn(fields, type) ? fields[type] : undefined;
  if (!known) return report('must be float, int, categorical, program or constant', 'type');
  for (const key of Object.keys(parameter)) {
    if (!known.includes(key))
      report(`is not a field of a ${parameter.type} parameter, which has ${known.join(', ')}`, key);
  }
  if (parameter.type === 'categorical') checkChoices(parameter.choices, report);
  else if (parameter.type === 'constant') checkValue(parameter.value, report, 'value');
  else if (isProgram(parameter)) checkProgram(parameter, report);
  else checkNumeric(parameter, report);
}

function isProgram(parameter: Parameter): parameter is ProgramValues {
  return parameter.type === 'program';
}

function checkNumeric(parameter: Numeric, report: Report): void {
  const { type, low, high, scale, step } = parameter;
  let bounded = true;
  for (const [key, bound] of [
    ['low', low],
    ['high', high],
  ] as const) {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) report('must be a finite number', key);
    else if (type === 'int' && !Number.isSafeInteger(bound))
      report('must be a whole number of magnitude below 2^53 for type int', key);
    else continue;
    bounded = false;
  }
  if (scale !== undefined && scale !== 'linear' && scale !== 'log') report("must be 'linear' or 'log'", 'scale');
  if (bounded && low > high) report(`must not be greater than high (${high})`, 'low');
  if (bounded && !Number.isFinite(high - low)) report('high - low must be a finite number', 'high');
  if (bounded && scale === 'log' && low <= 0)
    report('must be greater than 0 on a log scale; use scale: linear or a positive bound', 'low');
  if (step !== undefined) checkStep(parameter, bounded, report);
}

function checkStep({ type, low, high, scale, step }: Numeric, bounded: boolean, report: Report): void {
  if (typeof step !== 'number' || !Number.isFinite(step) || step <= 0)
    return report('must be a finite number greater than 0', 'step');
  if (type === 'int' && !Number.isSafeInteger(step)) report('must be a whole number for type int', 'step');
  if (scale === 'log') report('cannot be combined with a log scale; remove step or scale', 'step');
  if (bounded && high > low && (high - low) / step > 2 ** 52)
    report('is too small for the range; remove it or use a larger one', 'step');
  if (bounded && high > low && low + step === low)
    report('is too small for the range; remove it or use a larger one', 'step');
}

/** Operands, constants and functions of the largest program. */
const MAX_NODES = 63;

function checkProgram(parameter: ProgramValues, report: Report): void {
  const { operands, functions, maxNodes, constants, start, probes } = parameter;
  let isValid = true;
  const refuse: Report = (message, ...path) => {
    isValid = false;
    report(message, ...path);
  };
  if (!Array.isArray(operands) || operands.length === 0) refuse('must be a list of at least one name', 'operands');
  else
    operands.forEach((name: unknown, i) => {
      if (typeof name !== 'string' || !/^[a-z]\w*$/i.test(name) || name === 'pi' || isFunctionName(name))
        refuse('must be a name of letters and digits that is no function', 'operands', String(i));
      else if (operands.indexOf(name) < i) refuse(`repeats ${name}`, 'operands', String(i));
    });
  if (!Array.isArray(functions)) refuse('must be a list of functions', 'functions');
  else
    functions.forEach((name: unknown, i) => {
      if (typeof name !== 'string' || !isFunctionName(name))
        refuse(`${typeof name === 'string' ? name : JSON.stringify(name)} is no function`, 'functions', String(i));
      else if (functions.indexOf(name) < i) refuse(`repeats ${name}`, 'functions', String(i));
    });
  if (!Number.isSafeInteger(maxNodes) || maxNodes < 1 || maxNodes > MAX_NODES)
    refuse(`must be a whole number from 1 to ${MAX_NODES}`, 'maxNodes');
  if (constants !== undefined && !isRange(constants))
    refuse('must have finite numbers low and high with a finite difference, low not greater than high', 'constants');
  if (start !== undefined && !(Array.isArray(start) && start.every(isText)))
    refuse('must be a list of formulas', 'start');
  if (probes !== undefined && !(isRecord(probes) && Object.values(probes).every(isText)))
    refuse('must be an object of formulas by operand', 'probes');
  if (isValid) checkFormulas(parameter, { start: start ?? [], probes: probes ?? {} }, report);
}

function isRange(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { low, high } = value as { low: number; high: number };
  return Number.isFinite(low) && Number.isFinite(high) && low <= high && Number.isFinite(high - low);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function checkFormulas(
  parameter: ProgramValues,
  { start, probes }: { start: readonly string[]; probes: Readonly<Record<string, string>> },
  report: Report,
): void {
  const { probes: _probes, ...bare } = parameter;
  const attempt = (run: () => unknown, ...path: string[]): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      report(error.message, ...path);
    }
  };
  for (const [name, formula] of Object.entries(probes)) {
    if (!parameter.operands.includes(name)) report('is no operand', 'probes', name);
    attempt(() => createGrammar({ ...bare, probes: { [name]: formula } }), 'probes', name);
  }
  const grammar = createGrammar(bare);
  start.forEach((formula, i) => attempt(() => grammar.parse(formula), 'start', String(i)));
}

function checkChoices(choices: unknown, report: Report): void {
  if (!Array.isArray(choices) || choices.length === 0)
    return report('must be a list of at least one choice', 'choices');
  const seen = new Set<unknown>();
  choices.forEach((choice: unknown, index) => {
    checkValue(choice, report, 'choices', String(index));
    const identity = choice === 0 ? 0 : choice; // -0 becomes 0 in JSON
    if (seen.has(identity)) report(`repeats the choice ${JSON.stringify(choice)}`, 'choices', String(index));
    seen.add(identity);
  });
}

function checkValue(value: unknown, report: Report, ...path: string[]): void {
  const fits =
    typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
  if (!fits) report('must be a string, a boolean or a finite number', ...path);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
