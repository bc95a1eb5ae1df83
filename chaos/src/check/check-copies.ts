import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isActive } from '@gradsmith/core/domain';
import { jobDocumentSchema, prepareImport, type JobDocument } from '@gradsmith/core/jobs';
import type { Answer } from '../journal.ts';
import type { DumpedJob } from './dump.ts';
import type { Findings } from './violation.ts';

/** Folders of a run's documents. */
export const ARCHIVE = 'archive';
export const IMPORTS = 'imports';

/** Reads the jobs that were archived and removed. Each document must be one that can be imported. */
export function readArchive(folder: string, findings: Findings): DumpedJob[] {
  return listDocuments(join(folder, ARCHIVE)).flatMap((file): DumpedJob[] => {
    try {
      const document = jobDocumentSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      prepareImport(document);
      findings.expect(true, 'an archived job is whole', file);
      const { job, spec, trials } = document as unknown as DumpedJob;
      return [{ job, spec, trials, listedActive: false, index: null }];
    } catch (error) {
      findings.expect(false, 'an archived job is whole', file, () => (error as Error).message);
      return [];
    }
  });
}

/** Checks that exported documents are consistent, and that an imported job is whole or absent. */
export function checkCopies(
  folder: string,
  answers: readonly Answer[],
  dumped: ReadonlyMap<string, DumpedJob>,
  findings: Findings,
): void {
  for (const { job, operation, answer } of answers)
    if (operation === 'export')
      findings.expect(answer === 'consistent', 'an exported job is consistent', job, () => answer);
  const imported = new Map(
    answers.filter(({ operation }) => operation === 'import').map(({ job, answer }) => [job, answer]),
  );
  for (const file of listDocuments(join(folder, IMPORTS))) {
    const { job, trials } = JSON.parse(readFileSync(file, 'utf8')) as JobDocument;
    const found = dumped.get(job.id);
    const answer = imported.get(job.id);
    const isAcknowledged = answer === '200' || answer === '201';
    findings.expect(
      answer === undefined || answer === 'unknown' || isAcknowledged,
      'an exported job can be imported',
      job.id,
      () => answer,
    );
    findings.expect(
      found ? isDeepStrictEqual([found.job, found.trials], [job, trials]) : !isAcknowledged,
      'an imported job is whole or absent',
      job.id,
      () => (found ? 'differs from its document' : 'was acknowledged and is absent'),
    );
  }
}

/** Checks that a stream that was followed to the end delivered every move, once and in order. */
export function checkStreams(
  answers: readonly Answer[],
  dumped: ReadonlyMap<string, DumpedJob>,
  findings: Findings,
): void {
  const streams = answers.filter(({ operation }) => operation === 'event' || operation === 'followed');
  for (const [job, all] of Map.groupBy(streams, ({ job }) => job)) {
    const found = dumped.get(job);
    const end = all.findLast(({ operation }) => operation === 'followed')?.seq;
    if (!found || end === undefined) continue;
    const seen = new Set(
      all.filter(({ operation }) => operation === 'event').map((each) => `${each.trial} ${each.answer} ${each.seq}`),
    );
    for (const { id, history } of found.trials)
      for (const [seq, move] of history)
        findings.expect(
          seq > end || seen.has(`${id} ${move} ${seq}`),
          'a stream that is resumed misses nothing',
          `${job}/${id}`,
          () => ({ seq, move, end }),
        );
  }
}

/** Checks that every job that finished was notified with its true end. */
export function checkWebhooks(answers: readonly Answer[], jobs: readonly DumpedJob[], findings: Findings): void {
  const notified = answers.filter(({ operation }) => operation === 'notified-finished');
  const byJob = Map.groupBy(notified, ({ job }) => job);
  const imported = new Set(answers.filter(({ operation }) => operation === 'import').map(({ job }) => job));
  for (const { job, answer } of notified)
    findings.expect(answer !== 'wrong signature', 'a notification is signed', job);
  for (const { job, spec } of jobs) {
    if (!spec.webhooks || job.finishedAt === null || isActive(job.state) || imported.has(job.id)) continue;
    const end = `${job.state} ${new Date(job.finishedAt).toISOString()}`;
    findings.expect(
      byJob.get(job.id)?.some(({ answer }) => answer === end) ?? false,
      'a finished job is notified',
      job.id,
      () => ({ end, got: byJob.get(job.id)?.map(({ answer }) => answer) ?? [] }),
    );
  }
}

function listDocuments(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));
}
