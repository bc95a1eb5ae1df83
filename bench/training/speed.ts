import type { PipedProgram } from '../lib/piped-program.ts';
import { peerCase, type Case } from './cases.ts';

/** Images a second, the best of all rounds: the least disturbed. */
export interface Speeds {
  readonly case: string;
  readonly tensorflow: number;
  /** Of all wasm processes together. */
  readonly wasm: number;
  readonly torch: number;
}

interface Programs {
  readonly tensorflow: PipedProgram;
  readonly wasm: readonly PipedProgram[];
  readonly torch: PipedProgram;
}

type Rate = { imagesPerSecond: number };

export interface Rounds {
  readonly all: number;
  /** In how many of them wasm, which takes ten times as long, has a turn. */
  readonly wasm: number;
}

/** Runs timed alike and in turns, so that a busy machine slows all of them. A round before all warms up. */
export async function measureSpeeds(
  each: Case,
  rounds: Rounds,
  threads: number,
  { tensorflow, wasm, torch }: Programs,
): Promise<Speeds> {
  const best = { tensorflow: 0, wasm: 0, torch: 0 };
  const keep = (who: keyof typeof best, rate: number) => (best[who] = Math.max(best[who], rate));
  for (let round = 0; round <= rounds.all; round++) {
    const torchRate = await torch.ask<Rate>(peerCase(each, threads));
    const tensorflowRate = await tensorflow.ask<Rate>({ objective: each.objective });
    const wasmRate = round <= rounds.wasm ? await measureTogether(wasm, each) : 0;
    if (round === 0) continue;
    keep('torch', torchRate.imagesPerSecond);
    keep('tensorflow', tensorflowRate.imagesPerSecond);
    keep('wasm', wasmRate);
  }
  return { case: each.name, ...best };
}

/** Several processes at once, as slots of a worker. Slow enough that fewer steps measure them as well. */
async function measureTogether(processes: readonly PipedProgram[], { objective, steps }: Case): Promise<number> {
  const few = objective.batchSize * Math.max(2, Math.round(steps / 5));
  const shorter = { ...objective, dataset: { ...objective.dataset, train: few } };
  const rates = await Promise.all(processes.map((each) => each.ask<Rate>({ objective: shorter })));
  return rates.reduce((sum, { imagesPerSecond }) => sum + imagesPerSecond, 0);
}
