import type { Parameter, SpaceDefinition, SpaceProblem } from './definition.ts';

type Report = (message: string, ...path: string[]) => void;
type Numeric = Extract<Parameter, { type: 'float' | 'int' }>;

/**
 * Every problem of a would-be definition, in key order; empty when it can be searched. Never throws: the input may be
 * anything that came through JSON.
 */
export function checkSpace(definition: SpaceDefinition): SpaceProblem[] {
  const problems: SpaceProblem[] = [];
  if (!isRecord(definition)) return [{ path: [], message: 'a search space is an object of parameters by name' }];
  if (Object.keys(definition).length === 0)
    return [{ path: [], message: 'a search space needs at least one parameter' }];
  for (const [name, parameter] of Object.entries(definition)) {
    checkParameter(parameter, (message, ...path) => problems.push({ path: [name, ...path], message }));
  }
  return problems;
}

const fields: Readonly<Record<string, readonly string[]>> = {
  float: ['type', 'low', 'high', 'scale', 'step'],
  int: ['type', 'low', 'high', 'scale', 'step'],
  categorical: ['type', 'choices'],
  constant: ['type', 'value'],
};

function checkParameter(parameter: Parameter, report: Report): void {
  if (!isRecord(parameter)) return report('a parameter is an object with a type');
  const known = Object.hasOwn(fields, String(parameter.type)) ? fields[String(parameter.type)] : undefined;
  if (!known) return report('type must be float, int, categorical or constant', 'type');
  for (const key of Object.keys(parameter)) {
    if (!known.includes(key))
      report(`a ${parameter.type} parameter has no field of this name; it has ${known.join(', ')}`, key);
  }
  if (parameter.type === 'categorical') checkChoices(parameter.choices, report);
  else if (parameter.type === 'constant') checkValue(parameter.value, report, 'value');
  else checkNumeric(parameter, report);
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
      report('must be a whole number (of at most 2^53) for type int', key);
    else continue;
    bounded = false;
  }
  if (scale !== undefined && scale !== 'linear' && scale !== 'log') report("must be 'linear' or 'log'", 'scale');
  if (bounded && low > high) report(`must not be above high (${high})`, 'low');
  if (bounded && !Number.isFinite(high - low)) report('high - low must be a finite number', 'high');
  if (bounded && scale === 'log' && low <= 0) report('must be above 0 on a log scale', 'low');
  if (step !== undefined) checkStep(parameter, bounded, report);
}

function checkStep({ type, low, high, scale, step }: Numeric, bounded: boolean, report: Report): void {
  if (typeof step !== 'number' || !Number.isFinite(step) || step <= 0)
    return report('must be a finite number above 0', 'step');
  if (type === 'int' && !Number.isSafeInteger(step)) report('must be a whole number for type int', 'step');
  if (scale === 'log') report('cannot be combined with a log scale; leave one of them out', 'step');
  if (bounded && high > low && (high - low) / step > 2 ** 52) report('is too fine for the range; leave it out', 'step');
  if (bounded && high > low && low + step === low) report('is too fine for the range; leave it out', 'step');
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
