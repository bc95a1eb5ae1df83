import { isSettled, readStatus, type JobSpec, type Ledger, type TrialRecord } from '@gradsmith/core';

const BAR = 20;

/** Prints one line for each trial that settles, with a bar of the whole; the same on a terminal and in a pipe. */
export class Progress {
  readonly #printed = new Set<string>();
  readonly #ledger: Ledger;
  readonly #spec: JobSpec;
  readonly #print: (line: string) => void;
  #seq = -1;

  constructor(ledger: Ledger, spec: JobSpec, print: (line: string) => void) {
    this.#ledger = ledger;
    this.#spec = spec;
    this.#print = print;
  }

  /** Looks at the ledger and prints what has settled since the last look. */
  async look(jobId: string): Promise<void> {
    const { job } = await this.#ledger.job(jobId);
    if (job.seq === this.#seq) return;
    this.#seq = job.seq;
    const numbers = Array.from({ length: job.nextNumber }, (_, n) => String(n));
    const trials = await this.#ledger.trials(jobId, [...numbers, ...job.extras].filter((id) => !this.#printed.has(id)));
    const fresh = trials.filter(({ state }) => isSettled(state)).sort((a, b) => a.settledAt! - b.settledAt!);
    for (const trial of fresh) {
      this.#printed.add(trial.id);
      this.#print(`${this.#bar(job.budget, job.extras.length)} ${describe(trial, this.#spec, job.best?.number ?? null)}`);
    }
  }

  /** Everything that can be said about the job's end, in a few lines. */
  async summary(jobId: string): Promise<string[]> {
    const status = await readStatus(this.#ledger, jobId, []);
    const { best, reference, searchGain, confirmedGain, counts, metric } = status;
    const lines = [`job ${jobId} ${status.state}${status.reason ? `: ${status.reason}` : ''}: ${Object.entries(counts).filter(([, n]) => n).map(([state, n]) => `${n} ${state}`).join(', ')}`];
    if (!best) return [...lines, 'no trial completed, so there is no best point'];
    lines.push(`best      trial ${best.trial}, ${metric} ${number(best.value)} at ${describePoint(best.point)}`);
    for (const { parameter, bound } of best.onEdge) lines.push(`          ${parameter} lies on the edge of its range (${bound}): a wider range may hold something better`);
    if (reference !== null) lines.push(`reference plain backpropagation, ${metric} ${number(reference)}`);
    if (searchGain !== null) lines.push(`search gain    ${signed(searchGain)}   (best of many under the search's own seeds: optimistic)`);
    if (confirmedGain) {
      const { mean, interval, seeds } = confirmedGain;
      const range = interval ? `, 95 % interval ${signed(interval[0])} to ${signed(interval[1])}` : '';
      const verdict = interval && interval[0] > 0 ? 'better than plain backpropagation' : interval && interval[1] < 0 ? 'worse than plain backpropagation' : 'not told apart from plain backpropagation';
      lines.push(`confirmed gain ${signed(mean)}   (${seeds} fresh seeds${range}: ${verdict})`);
    }
    return lines;
  }

  #bar(budget: number, extras: number): string {
    const confirmations = this.#spec.confirm.seeds * (1 + Math.min(this.#spec.confirm.top, budget));
    const total = Math.max(budget + 1 + confirmations, budget + extras);
    const done = Math.min(total, this.#printed.size);
    const full = Math.floor((BAR * done) / total);
    return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${String(done).padStart(String(total).length)}/${total}`;
  }
}

function describe(trial: TrialRecord, spec: JobSpec, best: number | null): string {
  const title = trial.role === 'search' ? `trial ${trial.id}` : trial.role === 'reference' ? 'reference' : `confirm ${trial.confirms!.number ?? 'reference'}, seed ${trial.confirms!.seedIndex}`;
  const seconds = ((trial.settledAt! - (trial.attempts.at(-1)?.startedAt ?? trial.settledAt!)) / 1000).toFixed(1);
  const outcome = trial.result ? `${spec.objective.metric} ${number(trial.result.value)}${trial.state === 'complete' ? '' : ` (${trial.state})`}` : `${trial.state}: ${trial.reason ?? 'no reason told'}`;
  const mark = trial.role === 'search' && trial.number === best ? ' ★ best so far' : '';
  const point = trial.role === 'search' ? `  ${trial.source.kind}  ${describePoint(trial.point)}` : '';
  return `${title.padEnd(26)} ${outcome}  ${seconds} s${point}${mark}`;
}

export function describePoint(point: TrialRecord['point']): string {
  return Object.entries(point).map(([name, value]) => `${name}=${typeof value === 'number' ? number(value) : value}`).join(' ');
}

export function number(value: number): string {
  return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(3) : String(Number(value.toPrecision(5)));
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : '−'}${number(Math.abs(value))}`;
}
