import { formatCurvesCsv, listCurveRows, type CurveRow } from '@gradsmith/contract';
import { expect, test } from 'vitest';
import { collect, createAttempt, createTrial, iterate, job, join, trials } from './sample-job.ts';

async function listRows(...args: Parameters<typeof listCurveRows>): Promise<CurveRow[]> {
  return collect(listCurveRows(...args));
}

test('lists what every attempt reported, at its steps', async () => {
  const rows = await listRows(job, iterate([createTrial(0)]));
  expect(rows.map(({ attempt, series, step, value }) => [attempt, series, step, value])).toEqual([
    [1, 'loss', 1, 0.9],
    [2, 'loss', 1, 0.75],
    [2, 'loss', 2, 0.5],
    [2, 'loss', 10, 0.25],
  ]);
});

test('numbers the values of a curve that came with the result alone', async () => {
  const trial = createTrial(0, { attempts: [createAttempt('reported')], curve: [0.5, 0.25] });
  const rows = await listRows(job, iterate([trial]));
  expect(rows.map(({ step, value }) => [step, value])).toEqual([
    [1, 0.5],
    [2, 0.25],
  ]);
});

test('has the loss of every step of a training, next to its intermediate values', async () => {
  const attempts = [
    { ...createAttempt('expired'), losses: [{ step: 2, value: 1.5 }] },
    { ...createAttempt('reported', [{ step: 2, value: 0.8 }]), losses: [{ step: 2, value: 1.25 }] },
  ];
  const rows = await listRows({ ...job, isTraining: true }, iterate([createTrial(0, { attempts, curve: [2, 0.5] })]));
  expect(rows.map(({ attempt, series, step, value }) => [attempt, series, step, value])).toEqual([
    [1, 'training loss', 2, 1.5],
    [2, 'loss', 2, 0.8],
    [2, 'training loss', 1, 2],
    [2, 'training loss', 2, 0.5],
  ]);
});

test('writes a row of CSV for each point', async () => {
  const text = (await join(formatCurvesCsv(listCurveRows(job, iterate(trials.slice(3, 5)))))).toString();
  expect(text).toBe(
    'trial,role,number,attempt,series,step,value\r\n3,search,3,1,loss,4,3\r\n4,search,4,1,loss,5,0.625\r\n',
  );
});
