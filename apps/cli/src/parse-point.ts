import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';
import { replaceMinus } from './text/numbers.ts';

type Value = number | string | boolean;
type Space = Readonly<Record<string, { type: string; choices?: readonly Value[]; value?: Value }>>;

/** Parses `NAME=VALUE` by the type of each parameter. What a parameter does not take, the job refuses by name. */
export function parsePoint(values: readonly string[], space: Space): Record<string, Value> {
  const entries = values.map((text): [string, Value] => {
    const at = text.indexOf('=');
    if (at <= 0) throw createBadValue(text, 'write NAME=VALUE, such as learningRate=0.1');
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    const parameter = Object.hasOwn(space, name) ? space[name] : undefined;
    if (isNumeric(parameter)) refuseCommas(text, value);
    return [name, parseValue(value, parameter)];
  });
  const names = entries.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw createBadValue(twice, 'it is given twice');
  return Object.fromEntries(entries);
}

function parseValue(text: string, parameter: Space[string] | undefined): Value {
  const number = text.trim() === '' ? Number.NaN : Number(replaceMinus(text));
  const listed = listValues(parameter).find((value) => String(value) === text || value === number);
  if (listed !== undefined) return listed;
  return Number.isFinite(number) ? number : text;
}

function listValues({ choices = [], value }: Partial<Space[string]> = {}): Value[] {
  return value === undefined ? [...choices] : [...choices, value];
}

/** Returns whether the parameter takes numbers only. */
function isNumeric(parameter: Space[string] | undefined): boolean {
  const values = listValues(parameter);
  if (parameter?.type === 'float' || parameter?.type === 'int') return true;
  return values.length > 0 && values.every((value) => typeof value === 'number');
}

/** Refuses a number that is written with commas, as tables show large numbers: a comma may also be a decimal point. */
function refuseCommas(text: string, value: string): void {
  const plain = replaceMinus(value);
  if (!plain.includes(',')) return;
  const [grouped, decimal] = [plain.replaceAll(',', ''), plain.replace(',', '.')];
  const ways: string[] = [];
  if (/^-?\d{1,3}(,\d{3})+(?!\d)/.test(plain) && Number.isFinite(Number(grouped))) ways.push(grouped);
  if (!plain.includes('.') && Number.isFinite(Number(decimal))) ways.push(decimal);
  if (ways.length) throw createBadValue(text, `${value} has a comma; write ${ways.join(' or ')}`);
}

function createBadValue(text: string, what: string): Failure {
  return new Failure(exitCodes.usage, 'bad-point', `${text} is not a value of a point: ${what}`);
}
