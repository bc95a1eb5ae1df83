import { arity, call, countNodes, type Expression, type FunctionName, number } from '../expression/functions.ts';
import type { Random } from '../random/random.ts';
import { canonicalize } from './canonical.ts';
import type { Grammar } from './grammar.ts';

/** Draws of a program until one is finite at all probes. */
const MOST_DRAWS = 200;
/** Share of the leaves that are constants. */
const CONSTANT_SHARE = 0.2;
/** Constants that published rules have, and how often one of them is drawn. */
const SIMPLE: readonly number[] = [-1, 0, 0.1, 0.5, 1, 2];
const SIMPLE_SHARE = 0.5;
/** Significant digits of drawn constants. */
const DIGITS = 3;

type Range = NonNullable<Grammar['constants']>;

/** Draws a program that is finite at all probes, of any size up to the limit. */
export function drawProgram(grammar: Grammar, random: Random): Expression {
  for (let tries = 0; tries < MOST_DRAWS; tries++) {
    const program = canonicalize(drawTree(grammar, random, 1 + random.integer(grammar.maxNodes)));
    if (grammar.isUsable(program)) return program;
  }
  return { kind: 'variable', name: pick(grammar.operands, random) };
}

/** Draws a tree of about so many nodes. */
function drawTree(grammar: Grammar, random: Random, nodes: number): Expression {
  const arities = [...grammar.byArity.keys()].filter((count) => count < nodes);
  if (arities.length === 0) return drawLeaf(grammar, random);
  const name = pick(
    arities.flatMap((count) => grammar.byArity.get(count)!),
    random,
  );
  let left = nodes - 1;
  const operands = Array.from({ length: arity(name) }, (_, i) => {
    const others = arity(name) - i - 1;
    const share = others === 0 ? left : 1 + random.integer(left - others);
    left -= share;
    return drawTree(grammar, random, share);
  });
  return call(name, ...operands);
}

function drawLeaf({ operands, constants }: Grammar, random: Random): Expression {
  if (!constants || random.uniform() >= CONSTANT_SHARE) return { kind: 'variable', name: pick(operands, random) };
  const { low, high } = constants;
  const simple = SIMPLE.filter((value) => value >= low && value <= high);
  if (simple.length > 0 && random.uniform() < SIMPLE_SHARE) return number(pick(simple, random));
  return toConstant(low + random.uniform() * (high - low), constants);
}

/** Rounds a constant, unless rounding leaves the range. */
function toConstant(value: number, { low, high }: Range): Expression {
  const rounded = Number(value.toPrecision(DIGITS)) + 0;
  return number(rounded >= low && rounded <= high ? rounded : value + 0);
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  return items[random.integer(items.length)]!;
}

/** Probability of one more change of the same child. */
const FURTHER_SHARE = 0.4;

/** A change of a program; undefined if there is nothing to change. */
type Mutation = (program: Expression, grammar: Grammar, random: Random) => Expression | undefined;

/** The mutations, with how often each is chosen. */
const MUTATIONS: readonly (readonly [share: number, mutate: Mutation])[] = [
  [0.25, replaceNode],
  [0.2, replaceSubtree],
  [0.2, wrapSubtree],
  [0.15, hoistSubtree],
  [0.2, perturbConstant],
];

/** Changes a program in a place, and with probability 0.4 in a further one: a node, a subtree or a constant. */
export function mutateProgram(program: Expression, grammar: Grammar, random: Random): Expression {
  let u = random.uniform();
  const chosen = MUTATIONS.find(([share]) => (u -= share) < 0)?.[1] ?? replaceSubtree;
  const changed = canonicalize(chosen(program, grammar, random) ?? replaceNode(program, grammar, random));
  return random.uniform() < FURTHER_SHARE ? mutateProgram(changed, grammar, random) : changed;
}

/** Puts a random subtree of one program into a random place of another. */
export function crossPrograms(program: Expression, other: Expression, random: Random): Expression {
  const piece = getSubtree(other, random.integer(countNodes(other)));
  return canonicalize(changeNode(program, random.integer(countNodes(program)), () => piece));
}

/** Replaces a function by one with as many operands, and a leaf by another. */
function replaceNode(program: Expression, grammar: Grammar, random: Random): Expression {
  return changeNode(program, random.integer(countNodes(program)), (node) => {
    if (node.kind !== 'call') return drawLeaf(grammar, random);
    const others: readonly FunctionName[] = grammar.byArity.get(node.operands.length) ?? [node.name];
    return call(pick(others, random), ...node.operands);
  });
}

/** Replaces a subtree by a small random one. */
function replaceSubtree(program: Expression, grammar: Grammar, random: Random): Expression {
  const at = random.integer(countNodes(program));
  return changeNode(program, at, () => drawTree(grammar, random, 1 + random.integer(5)));
}

/** Makes a subtree the operand of a random function. */
function wrapSubtree(program: Expression, grammar: Grammar, random: Random): Expression | undefined {
  const functions = [...grammar.byArity.values()].flat();
  if (functions.length === 0) return undefined;
  const name = pick(functions, random);
  return changeNode(program, random.integer(countNodes(program)), (node) => {
    const operands = Array.from({ length: arity(name) }, () => drawTree(grammar, random, 1 + random.integer(4)));
    operands[random.integer(operands.length)] = node;
    return call(name, ...operands);
  });
}

/** Replaces a subtree by one of its own subtrees. */
function hoistSubtree(program: Expression, _grammar: Grammar, random: Random): Expression | undefined {
  const calls = listNodes(program).flatMap((node, at) => (node.kind === 'call' ? [at] : []));
  if (calls.length === 0) return undefined;
  return changeNode(program, pick(calls, random), (node) => getSubtree(node, 1 + random.integer(countNodes(node) - 1)));
}

/** Multiplies a constant by a number near 1, or adds a tenth of the range of constants to it. */
function perturbConstant(program: Expression, { constants }: Grammar, random: Random): Expression | undefined {
  const places = listNodes(program).flatMap((node, at) => (node.kind === 'number' ? [at] : []));
  if (places.length === 0 || !constants) return undefined;
  const { low, high } = constants;
  const isFactor = random.uniform() < 0.5;
  const step = random.normal();
  return changeNode(program, pick(places, random), (node) => {
    const value = (node as { value: number }).value;
    const moved = isFactor ? value * Math.exp(0.3 * step) : value + 0.1 * (high - low) * step;
    return toConstant(Math.max(low, Math.min(high, moved)), constants);
  });
}

/** Lists the nodes of a program, each before its operands. */
function listNodes(program: Expression): Expression[] {
  return program.kind === 'call' ? [program, ...program.operands.flatMap(listNodes)] : [program];
}

function getSubtree(program: Expression, at: number): Expression {
  return listNodes(program)[at]!;
}

/** Returns the program with another node number `at`, in the order of `listNodes`. */
function changeNode(program: Expression, at: number, change: (node: Expression) => Expression): Expression {
  if (at === 0) return change(program);
  if (program.kind !== 'call') return program;
  let place = at - 1;
  const operands = program.operands.map((operand) => {
    const nodes = countNodes(operand);
    const isHere = place >= 0 && place < nodes;
    const changed = isHere ? changeNode(operand, place, change) : operand;
    place -= nodes;
    return changed;
  });
  return call(program.name, ...operands);
}
