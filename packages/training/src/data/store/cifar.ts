import type { RawExamples } from './format.ts';

const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * Reads records of CIFAR-10's binary version: a label, then the red, green and blue planes of 32×32 pixels. They become
 * height, width, channel order.
 *
 * @throws Error that starts with `name` if the length is not a multiple of a record
 */
export function parseCifar(bytes: Uint8Array, name: string): RawExamples {
  const record = 1 + 3 * PLANE;
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new Error(`${name} has ${bytes.length} bytes, no multiple of the ${record} of one image`);
  }
  const count = bytes.length / record;
  const labels = new Uint8Array(count);
  const inputs = new Uint8Array(count * 3 * PLANE);
  for (let i = 0; i < count; i++) {
    const start = i * record;
    labels[i] = bytes[start]!;
    for (let pixel = 0; pixel < PLANE; pixel++) {
      const target = (i * PLANE + pixel) * 3;
      for (let channel = 0; channel < 3; channel++)
        inputs[target + channel] = bytes[start + 1 + channel * PLANE + pixel]!;
    }
  }
  return { inputs, labels };
}
