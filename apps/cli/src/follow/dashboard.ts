import { planTraining } from '@gradsmith/core/objective';
import { renderFrame } from './frame.ts';
import { Screen } from './screen.ts';
import type { Snapshot } from './snapshot.ts';
import type { View } from './view.ts';

/** For terminals: the whole screen, redrawn a few times a second. At the end, the earlier screen is restored. */
export class Dashboard implements View {
  readonly withProgress = true;
  readonly #footer: string;
  readonly #screen: Screen;
  #snapshot: Snapshot | undefined;
  #steps = 0;
  #trouble: string | null = null;
  #activity: string | null = null;

  /** `footer` describes what Ctrl-C does. */
  constructor(stream: NodeJS.WriteStream, footer: string) {
    this.#footer = footer;
    this.#screen = new Screen(stream, (columns, rows) => {
      if (!this.#snapshot) return [[{ text: this.#trouble ?? this.#activity ?? 'looking…' }]];
      return renderFrame(this.#snapshot, {
        columns,
        rows,
        now: Date.now(),
        steps: this.#steps,
        trouble: this.#trouble,
        activity: this.#activity,
        footer: this.#footer,
      });
    });
  }

  update(snapshot: Snapshot): void {
    const { objective } = snapshot.spec;
    if (!this.#snapshot && objective.kind === 'training') this.#steps = planTraining(objective).steps;
    this.#snapshot = snapshot;
    this.#screen.open();
    this.#screen.draw();
  }

  trouble(message: string | null): void {
    this.#trouble = message;
    this.#screen.draw();
  }

  activity(text: string | null): void {
    this.#activity = text;
    if (text !== null) this.#screen.open();
    this.#screen.draw();
  }

  close(): void {
    this.#screen.close();
  }
}
