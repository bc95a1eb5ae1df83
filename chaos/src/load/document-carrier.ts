import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jobDocumentSchema, prepareImport, type JobDocument } from '@gradsmith/core/jobs';
import type { Random } from '../random.ts';
import type { ProgramContext } from './external-program.ts';
import type { HttpAnswer, HttpClient } from './http.ts';

/** Characters of job ids. */
const CHARACTERS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Exports finished jobs, imports their documents under other ids, and clones them. */
export class DocumentCarrier {
  readonly #random: Random;
  readonly #http: HttpClient;
  readonly #note: ProgramContext['note'];
  readonly #folder: string;

  /** @param folder where the documents are kept under the ids of the imported jobs, for the checks */
  constructor(deps: { random: Random; http: HttpClient; note: ProgramContext['note']; folder: string }) {
    this.#random = deps.random;
    this.#http = deps.http;
    this.#note = deps.note;
    this.#folder = deps.folder;
    mkdirSync(deps.folder, { recursive: true });
  }

  /** Exports the finished job and imports the document under another id. */
  async carry(job: string): Promise<void> {
    const exported = await this.#http.send('GET', `/v1/jobs/${job}/export`);
    // Another program may have deleted it, or it was archived.
    if (exported?.status !== 200) return;
    const document = this.#check(job, exported);
    if (!document) return;
    const id = `job_${Array.from({ length: 20 }, () => this.#random.pick([...CHARACTERS])).join('')}`;
    const renamed = { ...document, job: { ...document.job, id } };
    writeFileSync(join(this.#folder, `${id}.json`), JSON.stringify(renamed));
    const imported = await this.#sendWhenAdmitted('/v1/jobs/import', renamed);
    this.#note({ job: id, operation: 'import', answer: imported ? String(imported.status) : 'unknown' });
  }

  /** Clones the job with few trials. Returns the id of the clone; null if the job is gone. */
  async clone(job: string): Promise<string | null> {
    const key = `clone-${job}`;
    const cloned = await this.#sendWhenAdmitted(`/v1/jobs/${job}/clone`, { search: { trials: 8 } }, key);
    if (cloned?.status !== 200 && cloned?.status !== 201) return null;
    const id = String(cloned.body.id);
    this.#note({ job: id, operation: 'create', answer: String(cloned.status) });
    return id;
  }

  /** A document that the service gives out is one that it takes. */
  #check(job: string, { body }: HttpAnswer): JobDocument | null {
    try {
      const document = jobDocumentSchema.parse(body);
      prepareImport(document);
      this.#note({ job, operation: 'export', answer: 'consistent' });
      return document;
    } catch (error) {
      this.#note({ job, operation: 'export', answer: (error as Error).message });
      return null;
    }
  }

  async #sendWhenAdmitted(path: string, body: object, key?: string): Promise<HttpAnswer | null> {
    for (;;) {
      const answer = await this.#http.send('POST', path, body, key ? { 'idempotency-key': key } : {});
      if (answer?.status !== 429) return answer;
      await delay(200);
    }
  }
}
