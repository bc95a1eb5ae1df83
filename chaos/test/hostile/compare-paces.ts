import { attackDuring, endAttack, planAttack, probeHealth, type AttackPlan, type AttackReport } from './attack.ts';
import type { Caller } from './caller.ts';

/** Trials of each imported job. */
const IMPORTED = Number(process.env.GRADSMITH_TEST_IMPORTED ?? 20_000);
const ROUNDS = Number(process.env.GRADSMITH_TEST_ROUNDS ?? 3);

export interface PaceComparison {
  /** Times of the victim alone, ms, in order. */
  readonly alone: readonly number[];
  /** Times of the victim during an attack, ms, in order. */
  readonly attacked: readonly number[];
  /** Pace during an attack as a share of the pace alone: the ratio of the medians. */
  readonly pace: number;
  /** Wait for /healthz during the attacks that 99 of 100 requests do not exceed, ms. */
  readonly healthP99: number;
  readonly probes: number;
  readonly reports: readonly AttackReport[];
}

/**
 * Measures how long ordinary jobs take alone and during an attack, in turns: what else the machine does then slows down
 * both alike. `onAttacked` is called before an attack is ended.
 */
export async function comparePaces(
  caller: Caller,
  victims: { jobs: number; trials: number },
  hostileJobs: AttackPlan['jobs'],
  onAttacked: (report: AttackReport) => Promise<void> = async () => {},
): Promise<PaceComparison> {
  const alone: number[] = [];
  const attacked: number[] = [];
  const waits: number[] = [];
  const reports: AttackReport[] = [];
  // The first run is slower: programs and connections start.
  let victim = (await caller.measurePace('first', { ...victims, trials: 2 })).ids[0]!;
  for (let round = 0; round < ROUNDS; round++) {
    const plan = planAttack(`round ${round}`, hostileJobs, IMPORTED);
    const before = await caller.measurePace(`alone-${round}`, victims);
    alone.push(before.ms);
    victim = before.ids[0]!;
    const health = probeHealth(caller.url);
    const { report, result } = await attackDuring(caller, plan, {
      victim,
      meanwhile: async () => caller.measurePace(`attacked-${round}`, victims),
    });
    waits.push(...(await health.stop()));
    attacked.push(result.ms);
    reports.push(report);
    await caller.checkBystander(victim);
    await onAttacked(report);
    await endAttack(caller, plan, report);
  }
  waits.sort((a, b) => a - b);
  return {
    alone,
    attacked,
    pace: findMedian(alone) / findMedian(attacked),
    healthP99: waits[Math.floor(waits.length * 0.99)]!,
    probes: waits.length,
    reports,
  };
}

function findMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
