import type { TrainingObjective } from '@gradsmith/core/objective';
import type { PopulationProgram, PopulationRun } from '@gradsmith/training/population';
import type { PipedProgram } from '../lib/piped-program.ts';
import { type BackendUnderTest, type Case, createObjectives } from './cases.ts';

/** What `engine-child.ts` is asked. */
export interface Question {
  readonly objectives: readonly TrainingObjective[];
  readonly program: PopulationProgram;
  readonly warmUp: number;
  readonly steps: number;
}

/**
 * Processes that work at the same time.
 *
 * | name       | processes                                            |
 * | ---------- | ---------------------------------------------------- |
 * | `one`      | One with one thread                                  |
 * | `two`      | Two with one thread each, like two slots of a worker |
 * | `threaded` | One with two threads                                 |
 */
export type Setup = 'one' | 'two' | 'threaded';
export type Setups = Readonly<Partial<Record<Setup, readonly PipedProgram[]>>>;

/** Images per second of all networks together, the best of all rounds: the least disturbed. */
export interface Rate {
  readonly setup: Setup;
  readonly program: PopulationProgram;
  /** Networks that each process trains together; 1 for separate trainings. */
  readonly networks: number;
  /** By the clock. */
  readonly clock: number;
  /** By the processor time of all processes together. */
  readonly processor: number;
}

export interface Measured {
  readonly backend: BackendUnderTest;
  readonly case: string;
  readonly rates: readonly Rate[];
  /** The largest difference of a loss from that of the separate training, relative to the loss. */
  readonly differences: {
    readonly networks: number;
    readonly steps: number;
    readonly joined: number;
    readonly stacked: number;
  };
}

export interface Rounds {
  readonly rounds: number;
  /** How long one measurement takes at least, unless a few steps take longer. */
  readonly milliseconds: number;
}

const COMPARED = { networks: 4, steps: 10 } as const;
const WARM_UP = 3;
const LEAST_STEPS = 3;
/** Of a step; networks that take longer are measured in fewer rounds. */
const SLOW_MILLISECONDS = 50;
const SLOW_ROUNDS = 2;

/** Measures all programs in turns, round after round, so that other users of the machine slow all of them. */
export async function measureCase(
  each: Case,
  backend: BackendUnderTest,
  setups: Setups,
  { rounds, milliseconds }: Rounds,
): Promise<Measured> {
  const differences = await compareLosses(each, setups.one![0]!);
  const best = new Map<string, Rate>();
  const trial = await askOne(setups.one![0]!, each, { program: 'separate', networks: 1, steps: LEAST_STEPS });
  const stepMilliseconds = trial.time.clock / LEAST_STEPS;
  const count = stepMilliseconds > SLOW_MILLISECONDS ? Math.min(rounds, SLOW_ROUNDS) : rounds;
  for (let round = 0; round < count; round++) {
    for (const [setup, programs] of Object.entries(setups) as [Setup, readonly PipedProgram[]][]) {
      for (const { program, networks } of listPrograms(backend, each.sizes[backend])) {
        const steps = Math.max(LEAST_STEPS, Math.round(milliseconds / stepMilliseconds / networks));
        const runs = await Promise.all(programs.map((child) => askOne(child, each, { program, networks, steps })));
        const images = 1000 * networks * steps * each.settings.batchSize!;
        const key = `${setup} ${program} ${networks}`;
        const known = best.get(key);
        best.set(key, {
          setup,
          program,
          networks,
          clock: Math.max(known?.clock ?? 0, sum(runs.map(({ time }) => images / time.clock))),
          processor: Math.max(
            known?.processor ?? 0,
            (runs.length * images) / sum(runs.map(({ time }) => time.processor)),
          ),
        });
      }
    }
  }
  return { backend, case: each.name, rates: [...best.values()], differences };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Wasm does not compile computations, so `joined` would be what `separate` is. */
function listPrograms(
  backend: BackendUnderTest,
  sizes: readonly number[],
): { program: PopulationProgram; networks: number }[] {
  const programs = backend === 'wasm' ? (['stacked'] as const) : (['joined', 'stacked'] as const);
  const together = programs.flatMap((program) => sizes.map((networks) => ({ program, networks })));
  return [{ program: 'separate', networks: 1 }, ...together];
}

interface Asked {
  readonly program: PopulationProgram;
  readonly networks: number;
  readonly steps: number;
}

function askOne(child: PipedProgram, each: Case, { program, networks, steps }: Asked): Promise<PopulationRun> {
  const question: Question = { objectives: createObjectives(each, networks), program, warmUp: WARM_UP, steps };
  return child.ask<PopulationRun>(question);
}

async function compareLosses(each: Case, child: PipedProgram): Promise<Measured['differences']> {
  const { networks, steps } = COMPARED;
  const run = async (program: PopulationProgram) =>
    (await askOne(child, each, { program, networks, steps: steps - WARM_UP })).losses;
  const separate = await run('separate');
  const compare = (losses: PopulationRun['losses']): number =>
    Math.max(
      ...separate.flatMap((own, i) => own.map((loss, step) => Math.abs(losses[i]![step]! - loss) / Math.abs(loss))),
    );
  return { ...COMPARED, joined: compare(await run('joined')), stacked: compare(await run('stacked')) };
}

/** Returns how many times as fast a program is as separate trainings in processes of any setup. NaN if unknown. */
export function computeFactor(
  { rates }: Measured,
  { setup, program, networks }: Pick<Rate, 'setup' | 'program' | 'networks'>,
  against: Setup,
  by: 'clock' | 'processor' = 'clock',
): number {
  const measured = rates.find((rate) => rate.setup === setup && rate.program === program && rate.networks === networks);
  const separate = rates.find((rate) => rate.setup === against && rate.program === 'separate');
  return measured && separate ? measured[by] / separate[by] : NaN;
}
