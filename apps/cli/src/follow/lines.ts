import { print, say, sayError } from '../output.ts';
import { createMeasure, describeSettled } from './describe.ts';
import type { Snapshot } from './snapshot.ts';
import type { View } from './view.ts';

/** For pipes and logs: one plain line for each trial that settles, and one for each change of the job's state. */
export class Lines implements View {
  readonly withProgress = false;
  #printed = 0;
  #state = '';
  #best: number | null = null;
  #trouble: string | null = null;

  update({ status, spec, fresh, done, total }: Snapshot): void {
    if (this.#state === '') print(`job ${status.id} (${status.name}) is ${status.state}, budget ${status.budget}`);
    const measure = createMeasure(status, spec);
    const width = String(total).length;
    this.#printed = done - fresh.length;
    for (const trial of fresh) {
      this.#printed += 1;
      print(
        `[${String(this.#printed).padStart(width)}/${total}] ` +
          `${describeSettled(trial, measure, !status.pareto && this.#isBest(trial, status.direction))}`,
      );
    }
    if (this.#state !== '' && this.#state !== status.state) print(`job ${status.id} is now ${status.state}`);
    this.#state = status.state;
  }

  trouble(message: string | null): void {
    if (message === this.#trouble) return;
    this.#trouble = message;
    if (message === null) say('it answers again');
    else sayError(`${message}\nTrying again until it answers; Ctrl-C stops.`);
  }

  activity(text: string | null): void {
    if (text !== null) say(text);
  }

  close(): void {}

  #isBest({ role, state, value, feasible }: Snapshot['fresh'][number], direction: 'minimize' | 'maximize'): boolean {
    if (role !== 'search' || state !== 'complete' || value === null || feasible === false) return false;
    const better = this.#best === null || (direction === 'minimize' ? value < this.#best : value > this.#best);
    if (better) this.#best = value;
    return better;
  }
}
