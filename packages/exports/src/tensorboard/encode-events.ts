import { listLastCurves, type TrialDetail } from '@gradsmith/contract';
import { PbfWriter } from 'pbf';
import type { ExportedJob } from '../exported-job.ts';
import { listResults } from '../list-results.ts';
import { encodeRecord } from './encode-record.ts';
import { encodeExperiment, encodeSessionEnd, encodeSessionStart } from './hparams.ts';

/** Field numbers are those of tensorboard/compat/proto/{event,summary,tensor,tensor_shape}.proto. */

interface Event {
  /** Seconds since 1970. */
  wallTime: number;
  step?: number;
  scalar?: { tag: string; value: number };
  hparams?: { tag: string; content: Uint8Array };
  fileVersion?: string;
}

const FLOAT = 1;

/** Names the file with events of a job or of one of its trials. A repeated export writes the same file. */
export function eventFileName({ createdAt }: ExportedJob): string {
  return `events.out.tfevents.${Math.floor(createdAt / 1000)}.gradsmith`;
}

/** Encodes the file of the whole job: parameters and metric, for TensorBoard's page of hyperparameters. */
export function encodeExperimentEvents(job: ExportedJob): Uint8Array {
  const wallTime = job.createdAt / 1000;
  return encodeFile(wallTime, [{ wallTime, hparams: { tag: '_hparams_/experiment', content: encodeExperiment(job) } }]);
}

/**
 * Encodes the file of one trial: its curves as scalars `curve/NAME`, its result as scalars with the names of the
 * metrics, and its point. Reports have no time, so points of a curve have that of the attempt's start.
 */
export function encodeTrialEvents(job: ExportedJob, trial: TrialDetail): Uint8Array {
  const startedAt = Date.parse(trial.attempts.at(-1)?.startedAt ?? trial.createdAt) / 1000;
  const settledAt = trial.settledAt === null ? startedAt : Date.parse(trial.settledAt) / 1000;
  const curves = listLastCurves(job, trial);
  const lastStep = Math.max(0, ...curves.map(({ points }) => points.at(-1)!.step));
  return encodeFile(startedAt, [
    {
      wallTime: startedAt,
      hparams: { tag: '_hparams_/session_start_info', content: encodeSessionStart(job, trial) },
    },
    ...curves.flatMap(({ series, points }) =>
      points.map(({ step, value }) => ({ wallTime: startedAt, step, scalar: { tag: `curve/${series}`, value } })),
    ),
    ...listResults(job, trial).map(([tag, value]) => ({ wallTime: settledAt, step: lastStep, scalar: { tag, value } })),
    ...(trial.settledAt === null
      ? []
      : [
          {
            wallTime: settledAt,
            hparams: { tag: '_hparams_/session_end_info', content: encodeSessionEnd(trial) },
          },
        ]),
  ]);
}

function encodeFile(wallTime: number, events: readonly Event[]): Uint8Array {
  const all = [{ wallTime, fileVersion: 'brain.Event:2' }, ...events];
  return Buffer.concat(all.map((event) => encodeRecord(encodeEvent(event))));
}

function encodeEvent({ wallTime, step, scalar, hparams, fileVersion }: Event): Uint8Array {
  const event = new PbfWriter();
  event.writeDoubleField(1, wallTime);
  if (step) event.writeVarintField(2, step);
  if (fileVersion !== undefined) event.writeStringField(3, fileVersion);
  if (scalar)
    event.writeMessage(5, (each: typeof scalar, summary) => summary.writeMessage(1, writeScalar, each), scalar);
  if (hparams)
    event.writeMessage(5, (each: typeof hparams, summary) => summary.writeMessage(1, writeHparams, each), hparams);
  return event.finish();
}

function writeScalar({ tag, value }: { tag: string; value: number }, message: PbfWriter): void {
  message.writeStringField(1, tag);
  message.writeFloatField(2, value);
}

function writeHparams({ tag, content }: { tag: string; content: Uint8Array }, message: PbfWriter): void {
  message.writeStringField(1, tag);
  message.writeMessage(9, (_, metadata) => metadata.writeMessage(1, writePluginData, content), null);
  message.writeMessage(8, writeEmptyTensor, null);
}

function writePluginData(content: Uint8Array, plugin: PbfWriter): void {
  plugin.writeStringField(1, 'hparams');
  plugin.writeBytesField(2, content);
}

/** TensorBoard drops summaries without a value. */
function writeEmptyTensor(_: null, tensor: PbfWriter): void {
  tensor.writeVarintField(1, FLOAT);
  tensor.writeMessage(2, (__, shape) => shape.writeMessage(2, (___, size) => size.writeVarintField(1, 0), null), null);
}
