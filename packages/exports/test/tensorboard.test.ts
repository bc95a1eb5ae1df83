import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PbfReader } from 'pbf';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { encodeExperimentEvents, encodeTrialEvents, eventFileName } from '../src/index.ts';
import { findProgram } from './find-program.ts';
import { createAttempt, createTrial, job, trials } from './sample-job.ts';

const tensorboard = findProgram('tensorboard');

interface ReadEvent {
  wallTime: number;
  step: number;
  version?: string;
  tag?: string;
  value?: number;
  plugin?: string;
}

/** CRC-32C bit by bit, from its definition. */
function computeCrc(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function computeMasked(data: Uint8Array): number {
  const crc = computeCrc(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Reads the records of a file, and checks their sums. */
function readEvents(file: Uint8Array): ReadEvent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const events: ReadEvent[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(computeMasked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(computeMasked(data));
    events.push(readEvent(data));
    at += 16 + length;
  }
  return events;
}

function readEvent(data: Uint8Array): ReadEvent {
  return new PbfReader(data).readFields<ReadEvent>(
    (field, event, pbf) => {
      if (field === 1) event.wallTime = pbf.readDouble();
      else if (field === 2) event.step = pbf.readVarint();
      else if (field === 3) event.version = pbf.readString();
      else if (field === 5) pbf.readMessage((_, each) => void pbf.readMessage(readValue, each), event);
    },
    { wallTime: 0, step: 0 },
  );
}

function readValue(field: number, event: ReadEvent, pbf: PbfReader): void {
  if (field === 1) event.tag = pbf.readString();
  else if (field === 2) event.value = pbf.readFloat();
  else if (field === 9) pbf.readMessage((_, each) => void pbf.readMessage(readPlugin, each), event);
}

function readPlugin(field: number, event: ReadEvent, pbf: PbfReader): void {
  if (field === 1) event.plugin = pbf.readString();
}

test('computes CRC-32C as its standard does', () => {
  expect(computeCrc(Buffer.from('123456789'))).toBe(0xe3069283);
});

test('writes the curve of the last attempt, the results, and the point of a trial', () => {
  const events = readEvents(encodeTrialEvents(job, trials[0]!));
  expect(events[0]).toEqual({ wallTime: 1795946430, step: 0, version: 'brain.Event:2' });
  expect(events.slice(1).map(({ tag, step, value, plugin }) => [tag, step, value ?? plugin])).toEqual([
    ['_hparams_/session_start_info', 0, 'hparams'],
    ['curve/loss', 1, 0.75],
    ['curve/loss', 2, 0.5],
    ['curve/loss', 10, 0.25],
    ['loss', 10, 0.25],
    ['worst fold', 10, 0.5],
    ['_hparams_/session_end_info', 0, 'hparams'],
  ]);
});

test('writes no end and no result of a trial that runs', () => {
  const tags = readEvents(encodeTrialEvents(job, trials[4]!)).map(({ tag }) => tag);
  expect(tags).toEqual([undefined, '_hparams_/session_start_info', 'curve/loss']);
});

test('keeps steps beyond 32 bits', () => {
  const attempts = [createAttempt('reported', [{ step: 2 ** 53 - 1, value: 1 }])];
  const events = readEvents(encodeTrialEvents(job, createTrial(0, { attempts })));
  expect(events.find(({ tag }) => tag === 'curve/loss')!.step).toBe(2 ** 53 - 1);
});

describe.skipIf(!tensorboard)('opened by TensorBoard', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gradsmith-events-'));
    writeFileSync(join(folder, eventFileName(job)), encodeExperimentEvents(job));
    for (const trial of trials.slice(0, 5)) {
      mkdirSync(join(folder, trial.id));
      writeFileSync(join(folder, trial.id, eventFileName(job)), encodeTrialEvents(job, trial));
    }
    return () => rmSync(folder, { recursive: true });
  });

  test('its EventAccumulator reads the scalars', () => {
    const code =
      'import json, sys\n' +
      'from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n' +
      'a = EventAccumulator(sys.argv[1]).Reload()\n' +
      'print(json.dumps({t: [[e.step, e.value] for e in a.Scalars(t)] for t in a.Tags()["scalars"]}))';
    const text = execFileSync(tensorboard!, ['-c', code, join(folder, '0')], { encoding: 'utf8' });
    expect(JSON.parse(text)).toEqual({
      'curve/loss': [
        [1, 0.75],
        [2, 0.5],
        [10, 0.25],
      ],
      loss: [[10, 0.25]],
      'worst fold': [[10, 0.5]],
    });
  });

  test('its server shows runs, curves and hyperparameters', async () => {
    const url = await startTensorboard(folder);
    const tags = (await ask(url, 'scalars/tags')) as Record<string, Record<string, unknown>>;
    expect(Object.keys(tags).sort()).toEqual(['0', '1', '2', '3', '4']);
    expect(Object.keys(tags['3']!)).toEqual(['curve/loss']);
    const scalars = (await ask(url, 'scalars/scalars?run=0&tag=curve/loss')) as number[][];
    expect(scalars.map(([, step, value]) => [step, value])).toEqual([
      [1, 0.75],
      [2, 0.5],
      [10, 0.25],
    ]);
    const experiment = (await ask(url, 'hparams/experiment', {})) as {
      hparamInfos: { name: string; type: string }[];
      metricInfos: { name: { tag: string } }[];
    };
    expect(experiment.metricInfos.map(({ name }) => name.tag)).toEqual(['loss']);
    expect(experiment.hparamInfos.find(({ name }) => name === 'mixed')!.type).toBe('DATA_TYPE_STRING');
    const { sessionGroups } = (await ask(url, 'hparams/session_groups', {
      allowedStatuses: ['STATUS_SUCCESS', 'STATUS_FAILURE', 'STATUS_RUNNING', 'STATUS_UNKNOWN'],
      colParams: [],
      sliceSize: 100,
      startIndex: 0,
    })) as { sessionGroups: { name: string; hparams: object; metricValues: { value: number }[] }[] };
    const best = sessionGroups.find(({ name }) => name === '1')!;
    expect(best.hparams).toMatchObject({ optimizer: 'sgd', momentum: 0.5, mixed: '1', layers: 3, amp: true });
    expect(best.metricValues.map(({ value }) => value)).toEqual([0.125]);
  }, 60_000);
});

/** Starts a server, and waits until it has read all runs. */
async function startTensorboard(folder: string): Promise<string> {
  const code = 'from tensorboard.main import run_main; run_main()';
  const options = ['--logdir', folder, '--host', '127.0.0.1', '--port', '0', '--load_fast=false'];
  const child = spawn(tensorboard!, ['-c', code, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
    if (!url) continue;
    await expect
      .poll(async () => Object.keys((await ask(url, 'scalars/tags')) as object).length, {
        timeout: 30_000,
      })
      .toBe(5);
    return url;
  }
  throw new Error('TensorBoard did not start');
}

async function ask(url: string, path: string, body?: object): Promise<unknown> {
  const init = body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const answer = await fetch(`${url}data/plugin/${path}`, init);
  return answer.json();
}
