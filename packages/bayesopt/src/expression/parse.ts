import { type Expression, arity, call, isElementFunction, isFunctionName, number } from './functions.ts';

/** The text is not a formula of the language; `at` is the offending character's index. */
export class ExpressionError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(`${message} (at character ${at + 1})`);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

/** Length of the longest formula. */
export const MAX_FORMULA_LENGTH = 500;
const MAX_DEPTH = 40;
const TOKEN = /\s*(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z_]\w*)|(<=|>=|[-+*/^(),<>]))/iy;
/** Precedence of comparisons, the lowest. */
const COMPARISON = 1;
const BINARY: Record<string, readonly ['gt' | 'ge' | 'lt' | 'le' | 'add' | 'sub' | 'mul' | 'div', number]> = {
  '>': ['gt', COMPARISON],
  '>=': ['ge', COMPARISON],
  '<': ['lt', COMPARISON],
  '<=': ['le', COMPARISON],
  '+': ['add', 2],
  '-': ['sub', 2],
  '*': ['mul', 3],
  '/': ['div', 3],
};

interface Token {
  kind: 'number' | 'name' | 'symbol' | 'end';
  text: string;
  at: number;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new ExpressionError('unexpected character', from + /\s*/.exec(text.slice(from))![0].length);
    const [, digits, name, symbol] = match;
    const value = (digits ?? name ?? symbol)!;
    const wordKind = name ? 'name' : 'symbol';
    tokens.push({
      kind: digits ? 'number' : wordKind,
      text: value,
      at: TOKEN.lastIndex - value.length,
    });
  }
  tokens.push({ kind: 'end', text: 'the end', at: end });
  return tokens;
}

/**
 * The names that stand for values in a formula, parameters among them. @throws ExpressionError on a character of no
 * formula
 */
export function namesIn(text: string): ReadonlySet<string> {
  const tokens = tokenize(text);
  return new Set(
    tokens.filter(({ kind }, i) => kind === 'name' && tokens[i + 1]!.text !== '(').map((token) => token.text),
  );
}

/**
 * Parses a formula whose names stand for what `resolveName` returns; undefined if there is no such name.
 *
 * @param allowsFunction whether the formula may use a function; by default the elementwise ones
 * @param chainsComparisons whether a < b < c is a < b and b < c, as in mathematics; by default it is (a < b) < c
 * @throws ExpressionError
 */
export function parseFormula<Name extends string>(
  text: string,
  resolveName: (name: string) => Expression<Name> | undefined,
  allowsFunction: (name: string) => boolean = isElementFunction,
  chainsComparisons = false,
): Expression<Name> {
  if (text.length > MAX_FORMULA_LENGTH)
    throw new ExpressionError(`longer than ${MAX_FORMULA_LENGTH} characters`, MAX_FORMULA_LENGTH);
  const tokens = tokenize(text);
  let next = 0;
  let depth = 0;

  const isNext = (symbol: string) => tokens[next]!.kind === 'symbol' && tokens[next]!.text === symbol;
  function expect(symbol: string): void {
    if (!isNext(symbol))
      throw new ExpressionError(`expected "${symbol}" but found ${tokens[next]!.text}`, tokens[next]!.at);
    next++;
  }

  function binary(level: number): Expression<Name> {
    if (++depth > MAX_DEPTH) throw new ExpressionError('nested too deeply', tokens[next]!.at);
    let left = unary();
    /** The right side of the comparison before. */
    let compared: Expression<Name> | undefined;
    for (;;) {
      const token = tokens[next]!;
      const operator = token.kind === 'symbol' ? BINARY[token.text] : undefined;
      if (!operator || operator[1] < level) break;
      next++;
      const right = binary(operator[1] + 1);
      left = compared ? call('mul', left, call(operator[0], compared, right)) : call(operator[0], left, right);
      if (chainsComparisons && operator[1] === COMPARISON) compared = right;
    }
    depth--;
    return left;
  }

  function unary(): Expression<Name> {
    let negative = false;
    while (isNext('-') || isNext('+')) negative = (tokens[next++]!.text === '-') !== negative;
    let base = primary();
    if (isNext('^')) {
      next++;
      if (++depth > MAX_DEPTH) throw new ExpressionError('nested too deeply', tokens[next]!.at);
      base = call('pow', base, unary());
      depth--;
    }
    return negative ? call('neg', base) : base;
  }

  function primary(): Expression<Name> {
    const token = tokens[next++]!;
    if (token.kind === 'number') return parseNumber(token);
    if (token.kind === 'name') return named(token);
    if (token.kind === 'symbol' && token.text === '(') {
      const inner = binary(1);
      expect(')');
      return inner;
    }
    throw new ExpressionError(`expected a value but found ${token.text}`, token.at);
  }

  function parseNumber({ text: digits, at }: Token): Expression<Name> {
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new ExpressionError(`${digits} is too large`, at);
    return number(value);
  }

  function named(token: Token): Expression<Name> {
    if (!isNext('(')) {
      const resolved = resolveName(token.text);
      if (resolved) return resolved;
      throw new ExpressionError(`unknown name ${token.text}`, token.at);
    }
    if (!isFunctionName(token.text) || !allowsFunction(token.text))
      throw new ExpressionError(`unknown function ${token.text}`, token.at);
    next++;
    const operands = [binary(1)];
    while (isNext(',')) {
      next++;
      operands.push(binary(1));
    }
    expect(')');
    const wanted = arity(token.text);
    if (operands.length !== wanted)
      throw new ExpressionError(`${token.text} takes ${wanted} argument(s), not ${operands.length}`, token.at);
    return call(token.text, ...operands);
  }

  const result = binary(1);
  if (tokens[next]!.kind !== 'end') throw new ExpressionError(`unexpected ${tokens[next]!.text}`, tokens[next]!.at);
  return result;
}
