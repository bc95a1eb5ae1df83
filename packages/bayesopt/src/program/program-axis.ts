import { formatExpression } from '../expression/format.ts';
import { countNodes, type Expression } from '../expression/functions.ts';
import { ExpressionError } from '../expression/parse.ts';
import { createRandom } from '../random/random.ts';
import type { Axis } from '../space/axis.ts';
import type { ParameterValue, ProgramValues } from '../space/definition.ts';
import { createGrammar, type Grammar } from './grammar.ts';
import { type KnownProgram, ProgramCache } from './program-cache.ts';
import { drawProgram } from './vary.ts';

/** The axis of a program, with what the evolution needs. */
export interface ProgramAxis extends Axis {
  readonly grammar: Grammar;
  /** Returns what is known about a value; undefined if it is no program of the parameter. */
  find(value: ParameterValue): KnownProgram | undefined;
}

export function isProgramAxis(axis: Axis): axis is ProgramAxis {
  return 'grammar' in axis;
}

/**
 * Creates the axis of a program. A coordinate draws a program and is not the place of one: it encodes only which
 * programs compute the same.
 */
export function createProgramAxis(name: string, parameter: ProgramValues): ProgramAxis {
  const { grammar, programs } = findKnown(parameter);
  const find = (value: ParameterValue): KnownProgram | undefined =>
    typeof value === 'string' ? programs.read(value, (text) => describeProgram(grammar, text)) : undefined;
  const draw = (u: number): string =>
    formatExpression(drawProgram(grammar, createRandom(0x9409, Math.floor(u * 2 ** 53))));
  const identify = (value: ParameterValue): string => find(value)?.identity ?? String(value);
  return {
    name,
    categorical: true,
    count: Infinity,
    grammar,
    find,
    encode: (value) => Number.parseInt(identify(value).slice(0, 12), 16) / 2 ** 48 || 0,
    decode: draw,
    draw,
    at: () => parameter.operands[0]!,
    contains: (value) => find(value) !== undefined,
    normalize: (value) => find(value)?.text ?? value,
    identify,
  };
}

/** What is known about a parameter. */
interface Known {
  readonly grammar: Grammar;
  readonly programs: ProgramCache;
}

const known = new Map<string, Known>();
/** Parameters that are known at once. Beyond that, the one that was used longest ago is dropped. */
const MOST_PARAMETERS = 16;

function findKnown(parameter: ProgramValues): Known {
  const key = JSON.stringify(parameter);
  const found = known.get(key) ?? { grammar: createGrammar(parameter), programs: new ProgramCache() };
  known.delete(key);
  known.set(key, found);
  if (known.size > MOST_PARAMETERS) known.delete(known.keys().next().value!);
  return found;
}

function describeProgram(grammar: Grammar, text: string): KnownProgram | undefined {
  const program = tryToParse(grammar, text);
  if (!program) return undefined;
  const canonical = formatExpression(program);
  return { text: canonical === text ? text : canonical, nodes: countNodes(program), ...grammar.probe(program) };
}

function tryToParse(grammar: Grammar, text: string): Expression | undefined {
  try {
    return grammar.parse(text);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
