import { once } from 'node:events';
import { join } from 'node:path';
import type { JobStatus } from '@gradsmith/contract';
import { createJob, steerJob } from '@gradsmith/core/jobs';
import { parseJob } from '@gradsmith/core/spec';
import { expect, test, vi } from 'vitest';
import { externalJob } from '../../api/test/support.ts';
import { openLedger } from '../src/embedded/open.ts';
import { describeIdle } from '../src/hosts/describe-idle.ts';
import { folder, gaussians, gradsmith, start } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

const JOB = 'job_00000000000000000001';
const waiting: Pick<JobStatus, 'id' | 'state' | 'phase' | 'workers'> = {
  id: JOB,
  state: 'running',
  phase: 'searching',
  workers: 0,
};
const local = { isLocal: true, flags: "--data 'my runs'" };
const service = { isLocal: false, flags: '' };
const make = (workers?: object) => parseJob({ ...JSON.parse(gaussians()), workers });

test('a job that nothing runs is advised on where it is', () => {
  expect(describeIdle(local, waiting, make())).toBe(
    `nothing runs it now; continue with: gradsmith run ${JOB} --data 'my runs'`,
  );
  expect(describeIdle(service, waiting, make())).toBe('no worker runs it now; start one: gradsmith worker');
  expect(describeIdle(service, waiting, make({ labels: ['big'] }))).toBe(
    'no worker with the labels big runs it now; start one: gradsmith worker --labels big',
  );
  expect(describeIdle(service, waiting, parseJob(externalJob))).toMatch(/programs of yours ask for them/);
  expect(describeIdle(local, waiting, parseJob(externalJob))).toMatch(/submit it to a service/);
  expect(describeIdle(local, { ...waiting, state: 'paused' }, make())).toBe(
    `nothing new is started; continue with: gradsmith resume ${JOB} --data 'my runs'`,
  );
  expect(describeIdle(service, { ...waiting, workers: 1 }, make())).toBeNull();
  expect(describeIdle(service, { ...waiting, phase: 'finished' }, make())).toBeNull();
});

test('a paused job is not run, and the error says how to go on', async () => {
  const data = folder();
  const ledger = await openLedger(data);
  await createJob(ledger, JOB, make());
  await ledger.transact(JOB, {}, (draft) => void draft.moveJob('start'));
  await steerJob(ledger, JOB, 'pause');
  await ledger.close();
  const { code, stderr } = await gradsmith(['run', JOB, '--data', data]);
  expect(code).toBe(5);
  expect(stderr).toContain(`is paused; first gradsmith resume ${JOB} --data ${data}, then gradsmith run ${JOB} --data`);
});

test('status and watch name the folder of a job that nothing runs', async () => {
  const data = join(folder(), 'my runs');
  const ledger = await openLedger(data);
  await createJob(ledger, JOB, make());
  await ledger.close();
  const advice = `nothing runs it now; continue with: gradsmith run ${JOB} --data '${data}'\n`;
  expect((await gradsmith(['status', '--data', data])).stderr).toBe(advice);
  const watching = start(['watch', '--data', data]);
  let said = '';
  watching.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    watching.kill('SIGINT');
  });
  const timer = setTimeout(() => watching.kill(), 20_000);
  await once(watching, 'close');
  clearTimeout(timer);
  expect(said).toContain(advice);
});
