import { createRandom, type Random } from '../random/random.ts';
import type { Axis } from '../space/axis.ts';
import type { Point } from '../space/definition.ts';
import type { Space } from '../space/space.ts';
import { buildFeasibility } from './build-feasibility.ts';
import { drawRandomPoint } from './designs.ts';
import type { Trials } from './history.ts';
import { reflectIntoUnit } from './suggest-cma-point.ts';
import { penalizeViolations } from './violations.ts';

const CANDIDATES = 48;
/** Draws until there are enough candidates that fulfill the constraints, at most. */
const MOST_DRAWS = 20 * CANDIDATES;

/**
 * Suggests a point by the multivariate tree-structured Parzen estimator (Bergstra et al. 2011; Falkner, Klein & Hutter
 * 2018, section 3.1). Candidates are drawn from a kernel density of the best tenth of the trials and ranked by its
 * ratio to the density of the others. Pending and failed trials count among the others, so that points of parallel
 * trials spread out. With measured constraints, the best are those of Deb's rules. Where trials fail, the score
 * includes the probability that they do not. It is a baseline for `gp`.
 */
export function suggestTpePoint(space: Space, trials: Trials, seed: number, number: number): Point | undefined {
  const random = createRandom(seed, number, 0x79e);
  const rows = trials.isConstrained ? penalizeViolations(trials.observed) : trials.observed;
  const ranked = [...rows].sort((a, b) => a.value - b.value || a.number - b.number);
  const good = Math.min(25, Math.max(1, Math.ceil(0.1 * (ranked.length + trials.censored.length))));
  const below = ranked.slice(0, good).map((row) => row.x);
  const others = [...ranked.slice(good), ...trials.censored].map((row) => row.x);
  const better = createDensity(space, below);
  const worse = createDensity(space, [...others, ...trials.pending, ...trials.failed]);
  const feasibility = buildFeasibility(space, trials, 1);
  let best: { point: Point; score: number } | undefined;
  let candidates = 0;
  for (let k = 0; k < MOST_DRAWS && candidates < CANDIDATES; k++) {
    const point = space.decode(better.draw(random));
    if (!space.allows(point)) continue;
    candidates += 1;
    if (trials.seen.has(space.key(point))) continue;
    const x = space.encode(point);
    const score = better.logDensity(x) - worse.logDensity(x) + (feasibility?.evaluate(x)[0] ?? 0);
    if (!best || score > best.score) best = { point, score };
  }
  return best?.point ?? drawRandomPoint(space, trials.seen, seed, number);
}

interface Density {
  draw(random: Random): Float64Array;
  logDensity(x: Float64Array): number;
}

/**
 * Creates an equal mixture of one kernel for each point and a uniform density. Kernels are normals of Scott's
 * bandwidth; for an axis without order they are a peak over a uniform distribution. Where a parameter is active in a
 * draw but not at the kernel's point, the kernel is uniform in it; inactive parameters have no density.
 */
function createDensity(space: Space, points: readonly Float64Array[]): Density {
  const { axes } = space;
  const bandwidth = Math.max(0.02, 0.3 * (points.length + 1) ** (-1 / (axes.length + 4)));
  const stay = 1 - 1 / (points.length + 2);
  const active = points.map((point) => space.findActive(point));
  return {
    draw(random) {
      const chosen = random.integer(points.length + 1);
      const center = points[chosen];
      return Float64Array.from(axes, (axis, a) => {
        const isUniform = !center || !active[chosen]![a] || (axis.categorical && random.uniform() > stay);
        if (isUniform) return axis.encode(axis.draw(random.uniform()));
        return axis.categorical ? center[a]! : reflectIntoUnit(center[a]! + bandwidth * random.normal());
      });
    },
    logDensity(x) {
      const here = space.findActive(x);
      const logUniform = (axis: Axis): number => (axis.categorical ? -Math.log(axis.count) : 0);
      const sumActive = (logFactor: (axis: Axis, a: number) => number): number =>
        axes.reduce((sum, axis, a) => (here[a] ? sum + logFactor(axis, a) : sum), 0);
      const logs = points.map((center, i) =>
        sumActive((axis, a) =>
          active[i]![a] ? logKernel(axis, x[a]!, center[a]!, { bandwidth, stay }) : logUniform(axis),
        ),
      );
      logs.push(sumActive(logUniform));
      const most = logs.reduce((a, b) => Math.max(a, b));
      return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
    },
  };
}

interface KernelWidth {
  readonly bandwidth: number;
  /** Probability that a draw keeps the center's value on an axis without order. */
  readonly stay: number;
}

function logKernel(axis: Axis, x: number, center: number, { bandwidth, stay }: KernelWidth): number {
  if (axis.categorical) return Math.log((x === center ? stay : 0) + (1 - stay) / axis.count);
  return -0.5 * ((x - center) / bandwidth) ** 2 - Math.log(bandwidth * Math.sqrt(2 * Math.PI));
}
