import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '@gradsmith/testing';

/** Makes a finished study of three parameters, like the job that our page is measured with. */
const STUDY = `
import sys, optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
storage, count = sys.argv[1], int(sys.argv[2])
optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study(storage=storage, study_name="large", direction="maximize")
distributions = {
    "depth": IntDistribution(1, 30),
    "share": FloatDistribution(0.1, 1),
    "criterion": CategoricalDistribution(["gini", "entropy"]),
}
values = [(n * 7919 % count) / count for n in range(count)]
study.add_trials([
    optuna.trial.create_trial(
        params={"depth": n % 30 + 1, "share": 0.1 + 0.9 * value, "criterion": "gini"},
        distributions=distributions, value=value)
    for n, value in enumerate(values)])
`;

/** Starts optuna-dashboard on a study of so many trials, and returns the address of the study's page. */
export async function openOptunaDashboard(
  python: string,
  trials: number,
): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'gradsmith-optuna-'));
  const storage = `sqlite:///${join(folder, 'study.db')}`;
  execFileSync(python, ['-c', STUDY, storage, String(trials)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const program = join(dirname(python), 'optuna-dashboard');
  const child = spawn(program, [storage, '--host', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}/dashboard/studies/1`;
  for (let tries = 0; tries < 300; tries++) {
    const isUp = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, stop };
    await delay(100);
  }
  await stop();
  throw new Error('optuna-dashboard did not start');
}
