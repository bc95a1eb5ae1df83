import { Worker } from 'node:worker_threads';
import type { Suggestion, SuggestInput } from '@gradsmith/bayesopt';
import type { Suggester } from '@gradsmith/core/ports';
import { versions } from './versions.ts';

interface Waiting {
  resolve(suggestion: Suggestion): void;
  reject(error: Error): void;
}

/** Computes suggestions in a worker thread, so that a long fit never blocks the loop that renews leases (property 5). */
export class ThreadSuggester implements Suggester {
  readonly versions = versions;
  readonly #waiting = new Map<number, Waiting>();
  #thread: Worker | null = null;
  #nextId = 0;

  async suggest(input: SuggestInput): Promise<Suggestion> {
    const thread = (this.#thread ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      thread.postMessage({ id, input });
    });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('suggest-thread.ts', import.meta.url));
    // It must not keep a process alive that has nothing else to do.
    thread.unref();
    thread.on('message', ({ id, suggestion, error }: { id: number; suggestion?: Suggestion; error?: string }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (suggestion) waiting?.resolve(suggestion);
      else waiting?.reject(new Error(`the optimizer failed: ${error}`));
    });
    thread.on('error', (error) => this.#lose(thread, error instanceof Error ? error : new Error(String(error))));
    thread.on('exit', () => this.#lose(thread, new Error('the optimizer thread ended')));
    return thread;
  }

  #lose(thread: Worker, error: Error): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
