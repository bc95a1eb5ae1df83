/*
 * The two-Gaussian experiment in plain code: a 2-8-8-2 ReLU network without biases on two unit Gaussians around
 * ±(1, 1). All layers except the second are frozen. It is trained for 100 full-batch Adam steps at rate 0.1, with the
 * derivative of the second ReLU replaced by g(z) = v·tanh(u·z + b) + d.
 */

const SAMPLES = 100;
const WIDTH = 8;
const STEPS = 100;
/** Loss cap 3·ln(classes) of the area under the loss curve. */
const CAP = 3 * Math.log(2);

/** Creates a fixed stream of normals (mulberry32), so that the problem is the same for every search. */
function createNormals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

interface Task {
  /** Outputs of the first hidden layer, shape [SAMPLES, WIDTH]. They are fixed because its weights are frozen. */
  readonly hidden: Float64Array;
  /** 1 for the class around +(1, 1), 0 for the other. */
  readonly labels: Uint8Array;
  /** Shape [WIDTH, WIDTH] and [WIDTH, 2]. */
  readonly second: Float64Array;
  readonly third: Float64Array;
}

function createTask(): Task {
  const normal = createNormals(20240607);
  const first = Float64Array.from({ length: 2 * WIDTH }, normal);
  const second = Float64Array.from({ length: WIDTH * WIDTH }, () => normal() * Math.sqrt(2 / WIDTH));
  const third = Float64Array.from({ length: WIDTH * 2 }, () => normal() * Math.sqrt(1 / WIDTH));
  const hidden = new Float64Array(SAMPLES * WIDTH);
  const labels = new Uint8Array(SAMPLES);
  for (let n = 0; n < SAMPLES; n++) {
    labels[n] = n % 2;
    const center = n % 2 === 1 ? 1 : -1;
    const x = [center + normal(), center + normal()];
    for (let j = 0; j < WIDTH; j++) hidden[n * WIDTH + j] = Math.max(0, x[0]! * first[j]! + x[1]! * first[WIDTH + j]!);
  }
  return { hidden, labels, second, third };
}

const task = createTask();

/** Computes the mean training loss over the run by the trapezoid rule; smaller is better. */
export function computeMetaNetworkAulc(u: number, b: number, v: number, d: number): number {
  const weights = Float64Array.from(task.second);
  const gradient = new Float64Array(weights.length);
  const first = new Float64Array(weights.length);
  const second = new Float64Array(weights.length);
  let area = 0;
  let before = 0;
  for (let step = 0; step <= STEPS; step++) {
    const loss = Math.min(
      CAP,
      computeLossAndGradient(weights, gradient, (z) => v * Math.tanh(u * z + b) + d),
    );
    if (step > 0) area += (before + loss) / 2;
    before = loss;
    const t = step + 1;
    for (let i = 0; i < weights.length; i++) {
      first[i] = 0.9 * first[i]! + 0.1 * gradient[i]!;
      second[i] = 0.999 * second[i]! + 0.001 * gradient[i]! ** 2;
      weights[i]! -= (0.1 * (first[i]! / (1 - 0.9 ** t))) / (Math.sqrt(second[i]! / (1 - 0.999 ** t)) + 1e-8);
    }
  }
  return area / STEPS;
}

function computeLossAndGradient(
  weights: Float64Array,
  gradient: Float64Array,
  derivative: (z: number) => number,
): number {
  gradient.fill(0);
  let loss = 0;
  const z = new Float64Array(WIDTH);
  for (let n = 0; n < SAMPLES; n++) {
    let margin = 0; // logit of the sample's class minus that of the other
    const sign = task.labels[n] === 1 ? 1 : -1;
    for (let j = 0; j < WIDTH; j++) {
      let sum = 0;
      for (let i = 0; i < WIDTH; i++) sum += task.hidden[n * WIDTH + i]! * weights[i * WIDTH + j]!;
      z[j] = sum;
      margin += sign * Math.max(0, sum) * (task.third[2 * j + 1]! - task.third[2 * j]!);
    }
    loss += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    const slope = -sign / (1 + Math.exp(margin)) / SAMPLES;
    for (let j = 0; j < WIDTH; j++) {
      const delta = slope * (task.third[2 * j + 1]! - task.third[2 * j]!) * derivative(z[j]!);
      for (let i = 0; i < WIDTH; i++) gradient[i * WIDTH + j]! += delta * task.hidden[n * WIDTH + i]!;
    }
  }
  return loss / SAMPLES;
}
