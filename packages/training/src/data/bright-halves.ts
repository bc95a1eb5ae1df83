import type { DataSet } from './data-set.ts';
import { randomSource } from './random.ts';

/**
 * Creates 28×28 gray images to test a backend: noise that is brighter in the upper half (class 0) or in the lower half
 * (class 1). Any network learns them within a few steps.
 */
export function brightHalves(count: number): DataSet {
  const random = randomSource(1);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
  const inputs = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const lower = i % 784 >= 392 ? 1 : 0;
    return random() * 100 + (labels[Math.floor(i / 784)] === lower ? 100 : 0);
  });
  const none = { count: 0, inputs: new Uint8Array(0), labels: new Uint8Array(0) };
  return {
    name: 'bright-halves',
    shape: [28, 28, 1],
    classes: 10,
    hash: 'bright-halves',
    channels: [{ mean: 0.4, sd: 0.2 }],
    train: { count, inputs, labels },
    validation: none,
  };
}
