import { formatExpression } from '../expression/format.ts';
import type { Expression } from '../expression/functions.ts';
import { ExpressionError } from '../expression/parse.ts';
import { createRandom } from '../random/random.ts';
import type { Axis } from '../space/axis.ts';
import type { ParameterValue, ProgramValues } from '../space/definition.ts';
import { createGrammar, type Grammar } from './grammar.ts';
import { drawProgram } from './vary.ts';

/** The axis of a program, with what the evolution needs. */
export interface ProgramAxis extends Axis {
  readonly grammar: Grammar;
}

export function isProgramAxis(axis: Axis): axis is ProgramAxis {
  return 'grammar' in axis;
}

/**
 * Creates the axis of a program. A coordinate draws a program and is not the place of one: it encodes only which
 * programs compute the same.
 */
export function createProgramAxis(name: string, parameter: ProgramValues): ProgramAxis {
  const { grammar, parsed, identities } = findKnown(parameter);
  const parse = (value: ParameterValue): Expression | undefined => {
    if (!parsed.has(value)) parsed.set(value, tryToParse(grammar, value));
    return parsed.get(value);
  };
  const draw = (u: number): string =>
    formatExpression(drawProgram(grammar, createRandom(0x9409, Math.floor(u * 2 ** 53))));
  const identify = (value: ParameterValue): string => {
    const known = identities.get(value);
    if (known !== undefined) return known;
    const program = parse(value);
    const identity = program ? grammar.identify(program) : String(value);
    identities.set(value, identity);
    return identity;
  };
  return {
    name,
    categorical: true,
    count: Infinity,
    grammar,
    encode: (value) => Number.parseInt(identify(value).slice(0, 12), 16) / 2 ** 48 || 0,
    decode: draw,
    draw,
    at: () => parameter.operands[0]!,
    contains: (value) => parse(value) !== undefined,
    normalize: (value) => {
      const program = parse(value);
      return program ? formatExpression(program) : value;
    },
    identify,
  };
}

/** What is known about the values of a parameter, so that each suggestion does not compute it again. */
interface Known {
  readonly grammar: Grammar;
  readonly parsed: Map<ParameterValue, Expression | undefined>;
  readonly identities: Map<ParameterValue, string>;
}

const known = new Map<string, Known>();
/** Parameters that are known at once, and values of each. */
const MOST_PARAMETERS = 16;
const MOST_VALUES = 200_000;

function findKnown(parameter: ProgramValues): Known {
  const key = JSON.stringify(parameter);
  const found = known.get(key);
  if (found && found.parsed.size <= MOST_VALUES) return found;
  if (known.size >= MOST_PARAMETERS) known.clear();
  const fresh: Known = { grammar: createGrammar(parameter), parsed: new Map(), identities: new Map() };
  known.set(key, fresh);
  return fresh;
}

function tryToParse(grammar: Grammar, value: ParameterValue): Expression | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return grammar.parse(value);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}
