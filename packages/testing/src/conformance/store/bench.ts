import type { LedgerStore } from '@gradsmith/core/ledger';

/** One ledger's storage, which several connections may open at once. */
export interface StoreBacking {
  open(): Promise<LedgerStore>;
  dispose(): Promise<void>;
}

/** Returns how the index lists a job without names, as versions before names did. */
export const listAt = (createdAt: number, active = true): { createdAt: number; active: boolean } => ({
  createdAt,
  active,
});

/** The storage of the present test, and a connection to it. */
export class StoreBench {
  /** Creates another empty storage. */
  readonly make: () => Promise<StoreBacking>;
  #backing: StoreBacking | null = null;
  #store: LedgerStore | null = null;

  constructor(make: () => Promise<StoreBacking>) {
    this.make = make;
  }

  get backing(): StoreBacking {
    return this.#backing!;
  }

  get store(): LedgerStore {
    return this.#store!;
  }

  async open(): Promise<void> {
    this.#backing = await this.make();
    this.#store = await this.#backing.open();
  }

  async dispose(): Promise<void> {
    await this.store.close();
    await this.backing.dispose();
  }

  /** Writes fields of a job and lists it. */
  readonly put = async (job: string, writes: [string, string][], createdAt = 1): Promise<boolean> =>
    this.store.commit(job, { expected: [], writes, index: listAt(createdAt) });

  /** Reads fields of a job. */
  readonly get = async (job: string, ...fields: string[]): Promise<(string | null)[]> =>
    (await this.store.read(job, fields)).values;
}
