import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jobDocumentSchema, upgradeDocument, type JobDocument } from '@gradsmith/core/jobs';
import type { JobInput } from '@gradsmith/core/spec';

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url));

/** A job as the command lists it. */
interface ListedJob {
  id: string;
  name: string;
  state: string;
}

/** The jobs of a folder: each has its own ledger, so that a killed run continues where it was. */
export class JobFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(join(folder, 'jobs'), { recursive: true });
  }

  #ledger(name: string): string {
    return join(this.#folder, 'run', name);
  }

  /**
   * Runs a job to its end and returns it. A job that is finished is only read.
   *
   * @throws Error if the command fails or is interrupted
   */
  run(job: JobInput, slots: number): JobDocument {
    const file = this.#writeJobFile(job);
    mkdirSync(this.#ledger(job.name), { recursive: true });
    const data = ['--data', this.#ledger(job.name)];
    let known = this.#find(job.name);
    // A job that failed, as on a full disk, runs again as a new one.
    if (known?.state === 'failed') {
      this.#call(['delete', known.id, ...data, '--yes'], 'ignore');
      known = undefined;
    }
    if (!isFinished(known)) {
      console.log(`\n# ${job.name}`);
      this.#call(['run', known?.id ?? file, ...data, '--slots', String(slots), '--no-report', '--plain'], 'inherit');
    }
    return this.read(job.name)!;
  }

  #writeJobFile(job: JobInput): string {
    const file = join(this.#folder, 'jobs', `${job.name}.json`);
    const text = `${JSON.stringify(job, null, 2)}\n`;
    if (existsSync(file) && readFileSync(file, 'utf8') !== text)
      throw new Error(`${job.name} ran with other settings in ${this.#folder}; choose another folder with --data`);
    writeFileSync(file, text);
    return file;
  }

  /** Returns a job that is finished; null if it has not run. */
  read(name: string): JobDocument | null {
    const known = this.#find(name);
    if (!known || !isFinished(known)) return null;
    const file = join(this.#folder, 'jobs', `${name}.document.json`);
    this.#call(['export', known.id, '--data', this.#ledger(name), '-o', file], 'ignore');
    return jobDocumentSchema.parse(upgradeDocument(JSON.parse(readFileSync(file, 'utf8'))));
  }

  /** Returns the page of the job's report; null if the job has not run in this folder. */
  report(name: string): string | null {
    const known = this.#find(name);
    if (!known) return null;
    const file = join(this.#folder, 'jobs', `${name}.html`);
    this.#call(['report', known.id, '--data', this.#ledger(name), '-o', file, '--force'], 'ignore');
    return readFileSync(file, 'utf8');
  }

  #find(name: string): ListedJob | undefined {
    if (!existsSync(join(this.#ledger(name), 'ledger.sqlite'))) return undefined;
    const list = JSON.parse(this.#call(['jobs', '--json', '--data', this.#ledger(name)], 'pipe')) as {
      items: ListedJob[];
    };
    return list.items.find((job) => job.name === name);
  }

  #call(args: readonly string[], output: 'inherit' | 'ignore' | 'pipe'): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      stdio: ['ignore', output, output === 'inherit' ? 'inherit' : 'pipe'],
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    if (status !== 0) throw new Error(`gradsmith ${args[0]} stopped with status ${status}. ${stderr ?? ''}`);
    return stdout ?? '';
  }
}

function isFinished(job: ListedJob | undefined): boolean {
  return job?.state === 'completed' || job?.state === 'exhausted';
}
