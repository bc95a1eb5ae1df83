import { addFinalValue, addRungValue, predictFinal, type RungsRecord } from '@gradsmith/core/domain';
import { TOP } from './settings.ts';

/**
 * Replays `predicted` over trials that were trained to their end: how many it stops, and how many of those would have
 * been better than the value that they were held against.
 */
export function judgePredictions(
  areas: ReadonlyMap<number, number[]>,
  trials: readonly { number: number; value: number }[],
): { stopped: number; wrong: number } {
  let record: RungsRecord = { schema: 2, rungs: {} };
  const leaders: number[] = [];
  const counts = { stopped: 0, wrong: 0 };
  for (const { number, value } of trials) {
    const curve = areas.get(number)!;
    const rungs = Array.from({ length: 19 }, (_, i) => Math.ceil(((i + 1) * curve.length) / 20));
    const threshold = leaders.length < TOP ? null : leaders[TOP - 1]!;
    const isStopped = rungs.some((rung, i) => {
      record = addRungValue(record, rung, String(number), curve[rung - 1]!);
      const query = { trial: String(number), rungs: rungs.slice(0, i + 1), isArea: true };
      const bound = predictFinal(record, { ...query, direction: 'minimize' });
      return threshold !== null && bound !== null && bound > threshold;
    });
    if (isStopped) {
      counts.stopped += 1;
      if (value < threshold!) counts.wrong += 1;
    } else {
      record = addFinalValue(record, 'minimize', String(number), value);
      leaders.push(value);
      leaders.sort((a, b) => a - b);
    }
  }
  return counts;
}
