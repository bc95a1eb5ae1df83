import { exportToMlflow, MlflowClient, MlflowRefused, MlflowUnreachable, type MlflowSummary } from '@gradsmith/exports';
import { defaultMlflow, mlflowAuthorization } from '../env.ts';
import { exitCodes } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../hosts/host.ts';
import { readExportedJob } from './format-export.ts';
import { readTrialDetails } from './read-details.ts';

/** Sends a job to an MLflow tracking server. By default, the experiment has the name of the job. */
export async function exportMlflow(
  host: Host,
  id: string,
  { url = defaultMlflow, experiment }: { url: string | undefined; experiment: string | undefined },
): Promise<MlflowSummary & { url: string; experiment: string }> {
  const address = checkUrl(url);
  const job = await readExportedJob(host, id);
  const client = new MlflowClient({ url: address, authorization: mlflowAuthorization });
  const name = experiment ?? job.name;
  try {
    const summary = await exportToMlflow(client, job, readTrialDetails(host, id), name);
    return { ...summary, url: client.url, experiment: name };
  } catch (error) {
    throw describeMlflowError(error, client.url);
  }
}

function checkUrl(url: string | undefined): string {
  if (url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)) return url;
  const message =
    url === undefined
      ? 'the export needs the address of an MLflow tracking server'
      : `${url.replace(/\/\/[^/@]*@/, '//')} is not the address of an MLflow tracking server`;
  const remedy = 'Start one (mlflow server), and name it: --mlflow http://localhost:5000, or MLFLOW_TRACKING_URI.';
  throw new Failure(exitCodes.usage, 'no-mlflow-server', `${message}.\n${remedy}`);
}

function describeMlflowError(error: unknown, url: string): unknown {
  const again = 'Then run the export again: what is there is not sent twice.';
  if (error instanceof MlflowUnreachable) {
    const message = `${error.message}.\nStart it (mlflow server), or name another one with --mlflow. ${again}`;
    return new Failure(exitCodes.unavailable, 'mlflow-unreachable', message, { cause: error });
  }
  if (!(error instanceof MlflowRefused)) return error;
  if (error.status === 401 || error.status === 403) {
    const message =
      `the MLflow server at ${url} does not allow the export.\nSet MLFLOW_TRACKING_TOKEN, or ` +
      `MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. ${again}`;
    return new Failure(exitCodes.refused, 'mlflow-refused', message, { cause: error });
  }
  return new Failure(exitCodes.refused, 'mlflow-refused', error.message, { cause: error });
}
