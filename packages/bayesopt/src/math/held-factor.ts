import { copyTriangle } from './cholesky.ts';
import { type Dense, keepNumbers, openDense, SCRATCH_ROWS } from './dense.ts';
import type { Matrix } from './matrix.ts';

/*
 * Solves with a factor that is used many times, as in a climb. Copying a factor takes longer than solving for one
 * vector, so the factors used last stay in the memory of WebAssembly. The bits are those of `cholesky.ts`.
 */

/** Factors that are kept at most: each solve looks through all of them. */
const MOST_FACTORS = 16;
/** Numbers that all kept factors may take, 16 MB: six of 400 rows. */
const MOST_NUMBERS = 2 ** 21;

/** Where a factor is kept: its rows, and the same rows in panels of four. */
interface Slot {
  readonly owner: WeakRef<object>;
  /** Address of the rows, and bytes from one to the next. */
  readonly rows: number;
  readonly stride: number;
  readonly panels: number;
  readonly size: number;
}

let slots: Slot[] = [];

/** A factor of n rows. It must not change during the life of its owner; rows may be appended. */
export interface OwnedFactor {
  readonly owner: object;
  readonly factor: Matrix;
  readonly n: number;
}

/** Solves L·v = b in place for each of the first `rows` rows of `b`, over its first n columns. */
export function forwardSolveHeld(owned: OwnedFactor, b: Matrix, rows: number): void {
  const { n } = owned;
  const slot = holdFactor(owned);
  const count = (rows - 1) * b.stride + n;
  const { functions, start, numbers } = openDense(count + SCRATCH_ROWS * n);
  numbers.set(b.data.subarray(0, count));
  if (rows === 1) functions.forwardSolveVector(slot.rows, slot.stride, slot.panels, n, start);
  else functions.forwardSolve(slot.rows, slot.stride, n, start, 8 * b.stride, rows, start + 8 * count);
  b.data.set(numbers.subarray(0, count));
}

/** Solves L·u = v and then Lᵀ·w = u in place for one vector of n entries; returns |u|². */
export function solveHeld(owned: OwnedFactor, v: Float64Array): number {
  const { n } = owned;
  const { rows, stride, panels } = holdFactor(owned);
  const { functions, start, numbers } = openDense(n);
  numbers.set(v);
  functions.forwardSolveVector(rows, stride, panels, n, start);
  let square = 0;
  for (let j = 0; j < n; j++) square += numbers[j]! * numbers[j]!;
  functions.backwardSolveVector(rows, stride, n, start);
  v.set(numbers.subarray(0, n));
  return square;
}

function holdFactor({ owner, factor, n }: OwnedFactor): Slot {
  const found = slots.find((slot) => slot.owner.deref() === owner);
  if (found) return found;
  const stride = roundUp(n);
  const size = stride * n + roundUp(4 * Math.ceil(n / 4) * n);
  let kept = slots.reduce((sum, slot) => sum + slot.size, 0);
  if (slots.length === MOST_FACTORS || kept + size > MOST_NUMBERS) [slots, kept] = [[], 0];
  keepNumbers(kept);
  const dense = openDense(size);
  const slot = { owner: new WeakRef(owner), ...writeFactor(dense, factor, n, stride), size };
  slots.push(slot);
  keepNumbers(kept + size);
  return slot;
}

function writeFactor(
  { functions, start, numbers }: Dense,
  factor: Matrix,
  n: number,
  stride: number,
): Pick<Slot, 'rows' | 'stride' | 'panels'> {
  copyTriangle(factor, 0, n, { data: numbers, stride });
  const panels = start + 8 * stride * n;
  functions.packRows(start, 8 * stride, n, n, panels);
  return { rows: start, stride: 8 * stride, panels };
}

/** Rounds up to a cache line of eight numbers. */
function roundUp(count: number): number {
  return 8 * Math.ceil(count / 8);
}
