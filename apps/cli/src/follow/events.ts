import { printEvent } from '../output.ts';
import type { Snapshot } from './snapshot.ts';
import type { View } from './view.ts';

/** For programs: one line of JSON for the first state of the job, each settled trial and each change of state. */
export class Events implements View {
  readonly withProgress = false;
  #state = '';
  #done = 0;
  #trouble: string | null = null;

  update({ status, fresh, done, total }: Snapshot): void {
    if (this.#state !== status.state) printEvent({ event: 'job', job: status });
    this.#state = status.state;
    this.#done = done - fresh.length;
    for (const trial of fresh) printEvent({ event: 'trial', done: (this.#done += 1), total, trial });
  }

  trouble(message: string | null): void {
    if (message === this.#trouble) return;
    this.#trouble = message;
    printEvent({ event: 'trouble', message });
  }

  activity(message: string | null): void {
    if (message !== null) printEvent({ event: 'activity', message });
  }

  close(): void {}
}
