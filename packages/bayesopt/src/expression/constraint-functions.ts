/** The functions of constraints. `if(c, a, b)` is a where c ≠ 0, else b. */
export const constraintFunctions = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  pow: (a: number, b: number) => a ** b,
  neg: (a: number) => -a,
  gt: (a: number, b: number) => Number(a > b),
  ge: (a: number, b: number) => Number(a >= b),
  lt: (a: number, b: number) => Number(a < b),
  le: (a: number, b: number) => Number(a <= b),
  if: (c: number, a: number, b: number) => (c === 0 ? b : a),
  nonzero: (a: number) => Number(a !== 0),
  min: (a: number, b: number) => Math.min(a, b),
  max: (a: number, b: number) => Math.max(a, b),
  abs: (a: number) => Math.abs(a),
  floor: (a: number) => Math.floor(a),
  sign: (a: number) => Math.sign(a),
  exp: (a: number) => Math.exp(a),
  log: (a: number) => Math.log(a),
  sqrt: (a: number) => Math.sqrt(a),
} as const;

export type ConstraintFunction = keyof typeof constraintFunctions;
