import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { hashAssembly } from '../../../scripts/assembly.ts';
import { evaluateAll, evaluateTriangle } from '../src/gp/covariances.ts';
import { matern52, rbf, type Kernel } from '../src/gp/kernel.ts';
import {
  backwardSolve,
  backwardSolveRows,
  factorRows,
  forwardSolve,
  forwardSolveVector,
  invertFromFactor,
} from '../src/math/cholesky.ts';
import { sourceHash } from '../src/math/dense.generated.ts';
import { openDense } from '../src/math/dense.ts';
import { forwardSolveHeld, solveHeld } from '../src/math/held-factor.ts';
import { addProducts } from '../src/math/products.ts';
import { addWeightedRows, multiplyRows, squareRows } from '../src/math/row-sums.ts';
import { createRandom } from '../src/random/random.ts';
import { backwardPlainly, factorPlainly, forwardPlainly, invertPlainly } from './reference-algebra.ts';

const sizes = Array.from({ length: 70 }, (_, i) => i + 1);

function drawNormals(length: number, ...seed: number[]): Float64Array {
  return Float64Array.from({ length }, createRandom(...(seed as [number])).normal);
}

/** Creates a positive definite matrix with a row stride; what is not part of it is NaN. */
function createCovariance(n: number, stride: number): Float64Array {
  const b = drawNormals(n * n, n, 1);
  const a = new Float64Array(n * stride).fill(Number.NaN);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? 1 : 0;
      for (let k = 0; k < n; k++) sum += b[i * n + k]! * b[j * n + k]!;
      a[i * stride + j] = sum;
    }
  }
  return a;
}

function createFactor(n: number, stride: number): Float64Array {
  const a = createCovariance(n, stride);
  factorPlainly(a, stride, 0, n);
  return a;
}

/** Expects the same bits, except those of NaN. */
function expectSameBits(actual: Float64Array, expected: Float64Array): void {
  const differs = actual.length !== expected.length || actual.findIndex((value, i) => !Object.is(value, expected[i]));
  expect(differs).toBe(-1);
}

it('was compiled from its sources', () => {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  expect(sourceHash, 'run: pnpm --filter @gradsmith/bayesopt build:wasm').toBe(hashAssembly(folder));
});

describe.each([0, 5])('with a stride %i larger than n, the dense algebra has the bits of plain loops', (more) => {
  it('when it factors all rows, or some rows after others', () => {
    for (const n of sizes) {
      const [expected, stride] = [createFactor(n, n + more), n + more];
      for (const from of [0, 1, 4, n - 6, n - 2].filter((row) => row >= 0 && row < n)) {
        const a = createCovariance(n, stride);
        a.set(expected.subarray(0, from * stride));
        expect(factorRows({ data: a, stride }, from, n)).toBe(true);
        expectSameBits(a, expected);
      }
    }
  });

  it('when it solves for one vector and for many', () => {
    for (const n of sizes) {
      const factor = { data: createFactor(n, n + more), stride: n + more };
      for (const rows of [1, 3, 4, 6, 32, 39]) {
        const b = drawNormals(rows * factor.stride, n, rows);
        const [forward, backward] = [b.slice(), b.slice()];
        for (let r = 0; r < rows; r++) {
          forwardPlainly(factor.data, factor.stride, n, forward.subarray(r * factor.stride));
          backwardPlainly(factor.data, factor.stride, n, backward.subarray(r * factor.stride));
        }
        const [v, w, one] = [b.slice(), b.slice(), b.slice()];
        forwardSolve(factor, n, { data: v, stride: factor.stride }, rows);
        backwardSolveRows(factor, n, { data: w, stride: factor.stride }, rows);
        expectSameBits(v, forward);
        expectSameBits(w, backward);
        forwardSolveVector(factor, n, one);
        expectSameBits(one.slice(0, n), forward.slice(0, n));
        one.set(b);
        backwardSolve(factor, n, one);
        expectSameBits(one.slice(0, n), backward.slice(0, n));
      }
    }
  });

  it('when it solves with a factor that it holds', () => {
    for (const n of sizes) {
      const factor = { data: createFactor(n, n + more), stride: n + more };
      const owned = { owner: {}, factor, n };
      for (const rows of [1, 2, 5, 33]) {
        const b = drawNormals(rows * factor.stride, n, rows);
        const expected = b.slice();
        for (let r = 0; r < rows; r++) {
          forwardPlainly(factor.data, factor.stride, n, expected.subarray(r * factor.stride));
        }
        forwardSolveHeld(owned, { data: b, stride: factor.stride }, rows);
        expectSameBits(b, expected);
      }
      const v = drawNormals(n, n, 11);
      const expected = v.slice();
      forwardPlainly(factor.data, factor.stride, n, expected);
      const square = expected.reduce((sum, value) => sum + value * value, 0);
      backwardPlainly(factor.data, factor.stride, n, expected);
      expect(solveHeld(owned, v)).toBe(square);
      expectSameBits(v, expected);
    }
  });

  it('when it inverts', () => {
    for (const n of sizes) {
      const [data, stride] = [createFactor(n, n + more), n + more];
      expectSameBits(invertFromFactor({ data, stride }, n), invertPlainly(data, stride, n));
    }
  });

  it('when it adds products of rows', () => {
    for (const n of sizes) {
      const stride = n + more;
      const [xRows, yRows] = [1 + (n % 37), 1 + ((3 * n) % 11)];
      const x = { data: drawNormals(xRows * stride, n, 2), stride, rows: xRows };
      const y = { data: drawNormals(yRows * stride, n, 3), stride, rows: yRows };
      const out = drawNormals(xRows * yRows, n, 4);
      const expected = out.slice();
      for (let c = 0; c < yRows; c++) {
        for (let r = 0; r < xRows; r++) {
          for (let k = 0; k < n; k++) expected[c * xRows + r]! += x.data[r * stride + k]! * y.data[c * stride + k]!;
        }
      }
      addProducts(x, y, n, out);
      expectSameBits(out, expected);
    }
  });

  it('when it sums along rows and across rows', () => {
    for (const n of sizes) {
      const rows = 1 + (n % 11);
      const m = { data: drawNormals(rows * (n + more), n, 5), stride: n + more };
      const [v, w] = [drawNormals(n, n, 6), drawNormals(rows, n, 7)];
      const [products, squares, sums] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(n)];
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < n; k++) {
          const value = m.data[r * m.stride + k]!;
          products[r]! += value * v[k]!;
          squares[r]! += value * value;
          sums[k]! += w[r]! * value;
        }
      }
      expectSameBits(multiplyRows(m, rows, v), products);
      expectSameBits(squareRows(m, rows, n), squares);
      const out = new Float64Array(n);
      addWeightedRows(m, w, out);
      expectSameBits(out, sums);
    }
  });
});

describe.each([matern52, rbf])('the covariances of $name', (kernel: Kernel) => {
  it('have the bits of scalar code at 400,000 distances from 0 to where they vanish, and at NaN', () => {
    const random = createRandom(17);
    // One coordinate, lengthscale 1, and the other point at 0: r² is the square of the coordinate.
    const x = Float64Array.from({ length: 400_000 }, (_, i) => {
      if (i < 8) return [0, -0, Number.NaN, Infinity, 1e-170, 1e-9, 333, 1e6][i]!;
      return i % 2 ? 400 * random.uniform() : 2 ** (60 * random.uniform() - 50);
    });
    const metric = { kernel, lengthscales: Float64Array.of(1), categorical: Uint8Array.of(0) };
    const { values, slopes } = evaluateAll(
      metric,
      { points: Float64Array.of(0), count: 1 },
      { x, n: x.length },
      { scale: 1.3, slopeScale: 2.6 },
    );
    expectSameBits(
      values,
      x.map((value) => 1.3 * kernel.value(value * value)),
    );
    expectSameBits(
      slopes,
      x.map((value) => 2.6 * kernel.slope(value * value)),
    );
  });

  it('have the bits of a plain sum over axes, with and without order', () => {
    for (const d of [1, 2, 3, 7]) {
      const [n, count] = [23, 5];
      const round = (value: number): number => Math.round(value * 4) / 4; // so that some coordinates are equal
      const [x, points] = [drawNormals(n * d, d, 8).map(round), drawNormals(count * d, d, 9).map(round)];
      const categorical = Uint8Array.from({ length: d }, (_, c) => (c % 3 === 1 ? 1 : 0));
      const lengthscales = drawNormals(d, d, 10).map(Math.exp);
      const computeExpected = (a: Float64Array, i: number, j: number): number => {
        let sum = 0;
        for (let c = 0; c < d; c++) {
          const delta = a[i * d + c]! - x[j * d + c]!;
          const square = categorical[c] ? Number(delta !== 0) : delta * delta;
          sum += square * (1 / (lengthscales[c]! * lengthscales[c]!));
        }
        return kernel.value(sum);
      };
      const metric = { kernel, lengthscales, categorical };
      const all = Float64Array.from({ length: count * n }, (_, at) =>
        computeExpected(points, Math.floor(at / n), at % n),
      );
      expectSameBits(evaluateAll(metric, { points, count }, { x, n }, { scale: 1 }).values, all);
      for (const from of [0, 1, 20]) {
        const pairs: number[] = [];
        for (let i = from; i < n; i++) for (let j = 0; j < i; j++) pairs.push(computeExpected(x, i, j));
        expectSameBits(evaluateTriangle(metric, { x, from, n }, { scale: 1 }).values, Float64Array.from(pairs));
      }
    }
  });
});

describe('the memory of the dense algebra', () => {
  it('grows only if more is needed than ever before', () => {
    const n = 300;
    const factor = { data: createFactor(n, n), stride: n };
    invertFromFactor(factor, n);
    const size = openDense(0).numbers.buffer.byteLength;
    for (let repeat = 0; repeat < 20; repeat++) invertFromFactor(factor, n);
    expect(openDense(0).numbers.buffer.byteLength).toBe(size);
  });

  it('holds some factors, and forgets them before there are many or they take more than 16 MB', () => {
    const n = 300;
    const owned = Array.from({ length: 30 }, (_, i) => {
      const data = new Float64Array(n * n);
      for (let k = 0; k < n; k++) data[k * n + k] = i + 1;
      return { owner: {}, factor: { data, stride: n }, n };
    });
    const solve = (): number[] =>
      owned.map((each) => {
        const v = new Float64Array(n).fill(1);
        solveHeld(each, v);
        return v[n - 1]!;
      });
    const expected = owned.map((_, i) => 1 / (i + 1) / (i + 1));
    expect(solve()).toEqual(expected);
    const size = openDense(0).numbers.buffer.byteLength;
    expect([solve(), solve()]).toEqual([expected, expected]);
    expect(openDense(0).numbers.buffer.byteLength).toBe(size);
    expect(openDense(0).start).toBeLessThan(2 ** 24 + 2 ** 16);
  });

  it('is separate in each worker thread', async () => {
    const module = new URL('../src/math/cholesky.ts', import.meta.url).href;
    const code = `import(${JSON.stringify(module)}).then(({ factorRows }) => {
      const data = Float64Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? 4 : 0));
      require('node:worker_threads').parentPort.postMessage([factorRows({ data, stride: 8 }, 0, 8), data[63]]);
    })`;
    const worker = new Worker(code, { eval: true });
    const message = await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject));
    await worker.terminate();
    expect(message).toEqual([true, 2]);
  });
});
