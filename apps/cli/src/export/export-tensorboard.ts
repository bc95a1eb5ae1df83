import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeExperimentEvents, encodeTrialEvents, eventFileName } from '@gradsmith/exports';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../hosts/host.ts';
import { readExportedJob } from './format-export.ts';
import { readTrialDetails } from './read-details.ts';

/**
 * Writes event files of TensorBoard into a folder: one run for each trial that has started.
 *
 * @returns the number of runs
 * @throws Failure if the folder holds anything, unless `force`; also then if it holds the events of another job
 */
export async function exportTensorboard(host: Host, id: string, folder: string, force: boolean): Promise<number> {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  if (!force && present.length > 0) throw refuseFolder(folder);
  const job = await readExportedJob(host, id);
  const name = eventFileName(job);
  const other = present.find((file) => file.startsWith('events.out.tfevents.') && file !== name);
  if (other !== undefined) throw refuseOtherJob(folder, other);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), encodeExperimentEvents(job));
  let runs = 0;
  for await (const trial of readTrialDetails(host, id)) {
    if (!trial.attempts.length) continue;
    mkdirSync(join(folder, trial.id), { recursive: true });
    writeFileSync(join(folder, trial.id, name), encodeTrialEvents(job, trial));
    runs++;
  }
  return runs;
}

function refuseOtherJob(folder: string, file: string): Failure {
  const message =
    `${folder} has the events of another job (${file}); TensorBoard would show both as one.\n` +
    `Choose another folder, or delete this one.`;
  return new Failure(exitCodes.refused, 'folder-exists', message);
}

function refuseFolder(folder: string): Failure {
  const message =
    `${folder} is not empty; its files would be shown as runs of this job.\nChoose another folder, or add --force to ` +
    `write an earlier export of the same job again.`;
  return new Failure(exitCodes.refused, 'folder-exists', message);
}
