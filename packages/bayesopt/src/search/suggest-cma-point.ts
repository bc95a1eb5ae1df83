import { createRandom, type Random } from '../random/random.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { computeDistribution, type Distribution } from './cma-es.ts';
import { drawRandomPoint, isNew } from './designs.ts';
import { listValued, type Trials } from './history.ts';
import { penalizeViolations } from './violations.ts';

/** Draws of a point that is new and allowed, at most. After that, a random point is drawn. */
const MOST_DRAWS = 200;

/** The distributions of the trials that were read last, because they are the same for all points suggested at once. */
const known = new WeakMap<Trials, Distribution>();

/**
 * Suggests a point of CMA-ES (Hansen & Ostermeier 2001; active, with restarts). Pruned trials count with their bound;
 * failed ones are left out. With measured constraints, trials are ranked by Deb's rules. Pending trials are not waited
 * for. Coordinates outside the cube are reflected into it.
 */
export function suggestCmaPoint(space: Space, trials: Trials, seed: number, number: number): Point | undefined {
  const distribution = known.get(trials) ?? computeFromTrials(space, trials, seed);
  known.set(trials, distribution);
  const random = createRandom(seed, number, 0xc3a2);
  for (let k = 0; k < MOST_DRAWS; k++) {
    const point = space.decode(drawCoordinates(distribution, random));
    if (isNew(space, trials.seen, point)) return point;
  }
  return drawRandomPoint(space, trials.seen, seed, number);
}

function computeFromTrials({ axes }: Space, trials: Trials, seed: number): Distribution {
  const all = listValued(trials);
  const rows = (trials.isConstrained ? penalizeViolations(all) : all).sort((a, b) => a.number - b.number);
  return computeDistribution(rows, axes.length, seed);
}

/** Draws m + σ·A·z and reflects each coordinate into [0, 1]. */
function drawCoordinates({ mean, step, factor: { data, stride } }: Distribution, random: Random): Float64Array {
  const z = Float64Array.from(mean, random.normal);
  return mean.map((m, a) => {
    let y = 0;
    for (let b = 0; b <= a; b++) y += data[a * stride + b]! * z[b]!;
    return reflectIntoUnit(m + step * y);
  });
}

/** Reflects a coordinate outside [0, 1] back into it. */
export function reflectIntoUnit(x: number): number {
  const folded = Math.abs(x) % 2;
  return folded > 1 ? 2 - folded : folded;
}
