import { isDeepStrictEqual } from 'node:util';
import { countSettled } from '@gradsmith/core/domain';
import { listLabelFilters } from '@gradsmith/core/ledger';
import type { Answer } from '../journal.ts';
import type { DumpedJob } from './dump.ts';
import type { IndexedAs } from './job-index.ts';
import type { Findings } from './violation.ts';

/** Checks that lists find every job under its present name, state and labels. */
export function checkIndex({ job, spec, index }: DumpedJob, findings: Findings): void {
  const expected: IndexedAs = {
    name: spec.name,
    state: job.state,
    settled: countSettled(job),
    best: job.best?.value ?? null,
    states: [job.state],
    labels: listLabelFilters(spec.labels).toSorted(),
  };
  const found = index && { ...index, labels: index.labels.toSorted() };
  findings.expect(isDeepStrictEqual(found, expected), 'lists have every job as it is', job.id, () => ({
    found,
    expected,
  }));
}

/** Checks that a job has the name of its last acknowledged edit. */
export function checkEdits(
  answers: readonly Answer[],
  dumped: ReadonlyMap<string, DumpedJob>,
  findings: Findings,
): void {
  const edits = answers.filter(({ operation }) => operation === 'edit');
  for (const [job, { answer }] of new Map(edits.map((edit) => [edit.job, edit]))) {
    const found = dumped.get(job);
    if (found)
      findings.expect(found.spec.name === answer, 'no acknowledged edit is lost', job, () => ({
        name: found.spec.name,
        edited: answer,
      }));
  }
}
