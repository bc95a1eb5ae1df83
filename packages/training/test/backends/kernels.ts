import { engine, env, setBackend, tensor, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';

/** Creates the generator mulberry32: uniform in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Values {
  shape: number[];
  values: Float32Array;
}

/** Draws values uniform in [low, high), rounded to `grid` if it is given, so that equal values occur. */
export function randomValues(random: () => number, shape: number[], low = -1, high = 1, grid = 0): Values {
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    const value = low + (high - low) * random();
    return grid > 0 ? Math.round(value / grid) * grid : value;
  });
  return { shape, values };
}

/** Runs one kernel on a backend, reads its result, and disposes all tensors. */
export async function runOn(
  backend: string,
  kernel: string,
  inputs: Record<string, Values>,
  attrs: object,
): Promise<Values> {
  await setBackend(backend);
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, values }]) => [name, tensor(values, shape)]),
  );
  const result = engine().runKernel(kernel, tensors, attrs as NamedAttrMap) as Tensor;
  const values = (await result.data()) as Float32Array;
  const { shape } = result;
  for (const each of [result, ...Object.values(tensors)]) each.dispose();
  return { shape, values };
}

/** Returns the largest |a − b| divided by the largest |b|: float32 sums are compared at the scale of the result. */
export function relativeError(a: Values, b: Values): number {
  if (a.shape.join() !== b.shape.join()) throw new Error(`shapes differ: [${a.shape}] and [${b.shape}]`);
  let difference = 0;
  let scale = 1e-30;
  for (let i = 0; i < b.values.length; i++) {
    difference = Math.max(difference, Math.abs(a.values[i]! - b.values[i]!));
    scale = Math.max(scale, Math.abs(b.values[i]!));
  }
  return difference / scale;
}

/** Silences the messages that TensorFlow.js prints on some backends. */
export function silenceTensorflow(): void {
  env().set('IS_TEST', true);
}
