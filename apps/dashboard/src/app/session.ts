const KEY = 'gradsmith-key';

/** The API key, if the service requires one. It lives as long as the tab. */
export class Session {
  readonly #listeners = new Set<() => void>();
  #version = 0;

  get key(): string | null {
    return sessionStorage.getItem(KEY);
  }

  /** Grows with each new key. */
  get version(): number {
    return this.#version;
  }

  setKey(key: string): void {
    sessionStorage.setItem(KEY, key);
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getVersion = (): number => this.#version;
}
