import {
  addFinalValue,
  addRungValue,
  computeRungThreshold,
  predictFinal,
  type RungsRecord,
  SCHEMA_VERSION,
} from '@gradsmith/core/domain';
import { listRungs, parseJob } from '@gradsmith/core/spec';
import { buildJob, replayed, TOP, type Replayed, type Setting } from './settings.ts';

/** Of trials that were trained to their end: how many a rule stops, and what these would have become. */
export interface Replay {
  rule: Replayed;
  /** All trials. */
  trials: number;
  stopped: number;
  /** Stopped, and in the end better than the worst of the best `TOP` until then. */
  wrong: number;
  /** Stopped, and in the end better than every trial until then. */
  missed: number;
}

/** Replays the rules over the trials of a search without pruning; `areas` has the area up to each step, by trial. */
export function replayRules(
  setting: Setting,
  areas: ReadonlyMap<number, number[]>,
  trials: readonly { number: number; value: number }[],
): Replay[] {
  return replayed.map((rule) => {
    const rungs = listRungs(parseJob(buildJob(setting, 0, rule)));
    return replayRule(rule, rungs, areas, trials);
  });
}

function replayRule(
  rule: Replayed,
  rungs: readonly number[],
  areas: ReadonlyMap<number, number[]>,
  trials: readonly { number: number; value: number }[],
): Replay {
  let record: RungsRecord = { schema: SCHEMA_VERSION, rungs: {} };
  const leaders: number[] = [];
  const counts = { rule, trials: trials.length, stopped: 0, wrong: 0, missed: 0 };
  for (const { number, value } of trials) {
    const trial = String(number);
    const worst = leaders.length < TOP ? null : leaders[TOP - 1]!;
    const isStopped = rungs.some((rung, i) => {
      const reached = areas.get(number)![rung - 1]!;
      record = addRungValue(record, rung, trial, reached);
      if (rule !== 'predicted') {
        const threshold = computeRungThreshold({ rule, direction: 'minimize' }, record, rung, trial);
        return threshold !== null && reached > threshold;
      }
      const query = { trial, rungs: rungs.slice(0, i + 1), isArea: true };
      const bound = predictFinal(record, { ...query, direction: 'minimize' });
      return worst !== null && bound !== null && bound > worst;
    });
    if (!isStopped) {
      record = addFinalValue(record, 'minimize', trial, value);
      leaders.push(value);
      leaders.sort((a, b) => a - b);
      continue;
    }
    counts.stopped += 1;
    if (worst !== null && value < worst) counts.wrong += 1;
    if (leaders.length > 0 && value < leaders[0]!) counts.missed += 1;
  }
  return counts;
}
