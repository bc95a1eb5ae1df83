import type { Log, Signals } from '@gradsmith/core/ports';
import { Redis } from 'ioredis';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import { patientOptions, type RedisSettings } from './settings.ts';

/** Wakes other processes through a channel. Signals are lost while Redis is unavailable, which the port allows. */
export class RedisSignals implements Signals {
  readonly #link: Link;
  readonly #settings: RedisSettings;
  readonly #channel: string;
  readonly #log: Log;
  readonly #listeners = new Set<(jobId: string) => void>();
  #subscriber: Redis | null = null;

  constructor(link: Link, settings: RedisSettings, keys: Keys, log: Log) {
    this.#link = link;
    this.#settings = settings;
    this.#channel = keys.signals;
    this.#log = log;
  }

  publish(jobId: string): void {
    this.#link
      .run((client) => client.publish(this.#channel, jobId))
      .catch((error: unknown) => {
        this.#log.debug({ err: error, job: jobId }, 'signal not sent');
      });
  }

  subscribe(listener: (jobId: string) => void): () => void {
    this.#subscriber ??= this.#connect();
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#subscriber?.disconnect();
    this.#subscriber = null;
  }

  #connect(): Redis {
    const { socketTimeout: _, ...options } = patientOptions(this.#settings);
    // Silence is normal here, so only keep-alive probes reveal a dead peer.
    const subscriber = new Redis({ ...options, keepAlive: 10_000 });
    subscriber.on('error', (error: Error) => this.#log.debug({ err: error }, 'Redis subscription'));
    subscriber.on('message', (_channel: string, jobId: string) => {
      for (const listener of this.#listeners) listener(jobId);
    });
    // The client subscribes again after each reconnection.
    subscriber
      .subscribe(this.#channel)
      .catch((error: unknown) => this.#log.debug({ err: error }, 'subscription closed'));
    return subscriber;
  }
}
