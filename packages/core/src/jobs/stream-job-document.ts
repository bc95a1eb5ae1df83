import { Conflict } from '../domain/errors.ts';
import { isActive } from '../domain/job-states.ts';
import type { JobView, Ledger } from '../ledger/ledger.ts';

/** Trials or curves that are read and written at once. */
const PAGE = 100;

/**
 * Writes the document of `exportJob` as JSON, in pages, so that a job of any size needs little memory and never holds
 * up others.
 *
 * @throws Conflict if a finished job changes in the meantime, for example because it is extended
 */
export async function* streamJobDocument(ledger: Ledger, { job, spec }: JobView): AsyncGenerator<string> {
  const ids = [...Array.from({ length: job.nextNumber }, (_, n) => String(n)), ...job.extras];
  yield `{"format":"gradsmith-job","version":2,"spec":${JSON.stringify(spec)},"job":${JSON.stringify(job)},"trials":[`;
  let separator = '';
  for (let from = 0; from < ids.length; from += PAGE) {
    const trials = await ledger.readTrials(job.id, ids.slice(from, from + PAGE));
    if (!trials.length) continue;
    yield separator + trials.map((trial) => JSON.stringify(trial)).join(',');
    separator = ',';
  }
  if (!isActive(job.state) && (await ledger.findJob(job.id))?.job.seq !== job.seq)
    throw new Conflict(`job ${job.id} changed while it was exported; export it again`);
  yield '],"curves":{';
  separator = '';
  for (let from = 0; from < ids.length; from += PAGE) {
    const page = ids.slice(from, from + PAGE);
    const curves = await ledger.readCurves(job.id, page);
    const entries = page.flatMap((id, i) => (curves[i] ? [`${JSON.stringify(id)}:${JSON.stringify(curves[i])}`] : []));
    if (!entries.length) continue;
    yield separator + entries.join(',');
    separator = ',';
  }
  yield '}}';
}
