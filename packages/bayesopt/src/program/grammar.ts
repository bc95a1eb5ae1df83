import { type BatchShape, evaluateBatch } from '../expression/evaluate-batch.ts';
import { formatExpression } from '../expression/format.ts';
import { arity, countNodes, type Expression, type FunctionName } from '../expression/functions.ts';
import { ExpressionError, parseFormula } from '../expression/parse.ts';
import { createRandom, hashWords } from '../random/random.ts';
import type { ProgramValues } from '../space/definition.ts';
import { canonicalize } from './canonical.ts';

/** Programs of a parameter: what they may be made of, their texts, and which compute the same. */
export interface Grammar extends Pick<ProgramValues, 'operands' | 'maxNodes'> {
  readonly constants: ProgramValues['constants'] | undefined;
  /** The functions that programs use, by the number of operands that they take. */
  readonly byArity: ReadonlyMap<number, readonly FunctionName[]>;
  /**
   * Returns the canonical form of a program. Changes of sign are always allowed.
   *
   * @throws ExpressionError if it is no program of the parameter
   */
  parse(text: string): Expression;
  /** Computes what a program gives at the probes. */
  probe(program: Expression): ProbedProgram;
  /** Whether a program is small enough, its text can be read again, and it is finite at all probes. */
  isUsable(program: Expression): boolean;
}

export interface ProbedProgram {
  /** A text that is equal for programs that give the same on fixed probes, to six digits. */
  readonly identity: string;
  /** Whether it is finite at all probes. */
  readonly isFinite: boolean;
}

/** Length of the longest text of a program. */
export const MAX_PROGRAM_LENGTH = 400;

/** The probes are a batch of 8 examples with 8 numbers each. */
const PROBES: BatchShape = { rows: 8, size: 64 };
const DIGITS = 6;

export function createGrammar({ operands, functions, maxNodes, constants, probes = {} }: ProgramValues): Grammar {
  const usable = new Set<string>([...functions, 'neg']);
  const named = new Set(operands);
  const byArity = new Map<number, FunctionName[]>();
  for (const name of functions) byArity.set(arity(name), [...(byArity.get(arity(name)) ?? []), name]);
  const values = createProbes(operands, probes);
  const read = (text: string): Expression =>
    parseFormula(
      text,
      (name): Expression | undefined => (named.has(name) ? { kind: 'variable', name } : undefined),
      (name) => usable.has(name),
    );
  const parse = (text: string): Expression => {
    const parsed = read(text);
    const unknown = findFunction(parsed, (name) => !usable.has(name));
    if (unknown) throw new ExpressionError(`the programs do not use ${unknown}`, 0);
    const program = canonicalize(parsed);
    const nodes = countNodes(program);
    if (nodes > maxNodes) throw new ExpressionError(`has ${nodes} nodes, and ${maxNodes} is the limit`, 0);
    const canonical = formatExpression(program);
    if (canonical.length > MAX_PROGRAM_LENGTH)
      throw new ExpressionError(`is longer than ${MAX_PROGRAM_LENGTH} characters`, 0);
    if (canonical !== text && !canRead(read, canonical))
      throw new ExpressionError(`is nested too deeply as ${canonical}`, 0);
    return program;
  };
  const isReadable = (text: string): boolean => text.length <= MAX_PROGRAM_LENGTH && canRead(read, text);
  return {
    operands,
    maxNodes,
    constants,
    byArity,
    parse,
    probe: (program) => {
      const numbers = evaluateBatch(program, values, PROBES);
      return { identity: hashNumbers(numbers), isFinite: numbers.every(Number.isFinite) };
    },
    isUsable: (program) =>
      countNodes(program) <= maxNodes &&
      isReadable(formatExpression(program)) &&
      evaluateBatch(program, values, PROBES).every(Number.isFinite),
  };
}

function canRead(read: (text: string) => Expression, text: string): boolean {
  try {
    read(text);
    return true;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function findFunction(expression: Expression, matches: (name: FunctionName) => boolean): FunctionName | undefined {
  if (expression.kind !== 'call') return undefined;
  if (matches(expression.name)) return expression.name;
  for (const operand of expression.operands) {
    const found = findFunction(operand, matches);
    if (found) return found;
  }
  return undefined;
}

/** Creates standard normal values for every operand, or those of its formula in `probes`. They never change. */
function createProbes(
  operands: readonly string[],
  formulas: Readonly<Record<string, string>>,
): Record<string, Float64Array> {
  const drawn = new Map<string, Float64Array>();
  const draw = (name: string): Float64Array => {
    const numbers = drawn.get(name) ?? drawProbe(name);
    drawn.set(name, numbers);
    return numbers;
  };
  const entries = operands.map((name): [string, Float64Array] => {
    if (!Object.hasOwn(formulas, name)) return [name, draw(name)];
    const formula = parseFormula(formulas[name]!, (operand): Expression => {
      draw(operand);
      return { kind: 'variable', name: operand };
    });
    return [name, evaluateBatch(formula, Object.fromEntries(drawn), PROBES)];
  });
  return Object.fromEntries(entries);
}

function drawProbe(name: string): Float64Array {
  const random = createRandom(0x9b0be, ...Array.from(name, (character) => character.codePointAt(0)!));
  return Float64Array.from({ length: PROBES.size }, random.normal);
}

/** Returns a hash of the numbers, rounded: 96 bits in hexadecimal. */
function hashNumbers(numbers: Float64Array): string {
  const text = Array.from(numbers, (value) => String(Number(value.toPrecision(DIGITS)) + 0)).join(' ');
  const next = hashWords(Array.from(text, (character) => character.codePointAt(0)!));
  return Array.from({ length: 3 }, () => (next() >>> 0).toString(16).padStart(8, '0')).join('');
}
