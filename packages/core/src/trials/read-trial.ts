import { NotFound } from '../domain/errors.ts';
import type { TrialRecord } from '../domain/trial-record.ts';
import { decodeCurve } from '../domain/trial-result.ts';
import type { Ledger } from '../ledger/ledger.ts';

/**
 * Reads one trial.
 *
 * @throws NotFound if there is no such job or no such trial
 */
export async function readTrial(ledger: Ledger, jobId: string, trialId: string): Promise<TrialRecord> {
  await ledger.readJob(jobId);
  const [trial] = await ledger.readTrials(jobId, [trialId]);
  if (!trial) throw new NotFound(`trial ${trialId} of job ${jobId}`);
  return trial;
}

/**
 * Reads one trial with its curve, which is empty until a result is reported.
 *
 * @throws NotFound if there is no such job or no such trial
 */
export async function readTrialWithCurve(
  ledger: Ledger,
  jobId: string,
  trialId: string,
): Promise<{ trial: TrialRecord; curve: number[] }> {
  const trial = await readTrial(ledger, jobId, trialId);
  const [curve] = await ledger.readCurves(jobId, [trialId]);
  return { trial, curve: Array.from(decodeCurve(curve!)) };
}
