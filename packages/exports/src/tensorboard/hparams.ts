import type { Parameter } from '@gradsmith/bayesopt';
import type { TrialDetail } from '@gradsmith/contract';
import { PbfWriter } from 'pbf';
import { getParameterType, toTypedValue } from '../columns.ts';
import type { ExportedJob } from '../exported-job.ts';

/** Field numbers are those of tensorboard/plugins/hparams/{plugin_data,api}.proto and google/protobuf/struct.proto. */

type Value = number | string | boolean;

const dataTypes = { text: 1, boolean: 2, number: 3, integer: 3 } as const;
const SUCCESS = 1;
const FAILURE = 2;

/** Encodes what all runs have in common: the parameters with their ranges, and the metrics of the objectives. */
export function encodeExperiment({ name, createdAt, parameters, objectives }: ExportedJob): Uint8Array {
  return encode((data) =>
    data.writeMessage(
      2,
      (_, experiment) => {
        experiment.writeStringField(6, name);
        experiment.writeDoubleField(3, createdAt / 1000);
        for (const [each, parameter] of parameters)
          experiment.writeMessage(4, writeParameter, { name: each, parameter });
        for (const { metric } of objectives) experiment.writeMessage(5, writeMetric, metric);
      },
      null,
    ),
  );
}

/** Encodes the point of a trial. */
export function encodeSessionStart({ parameters }: ExportedJob, trial: TrialDetail): Uint8Array {
  return encode((data) =>
    data.writeMessage(
      3,
      (_, session) => {
        for (const [name, value] of Object.entries(trial.point)) {
          const parameter = parameters.get(name);
          session.writeMessage(1, writeEntry, { name, value: parameter ? toTypedValue(parameter, value) : value });
        }
        session.writeStringField(4, trial.id);
        session.writeDoubleField(5, Date.parse(trial.attempts[0]?.startedAt ?? trial.createdAt) / 1000);
      },
      null,
    ),
  );
}

/** Encodes how and when a settled trial finished. */
export function encodeSessionEnd(trial: TrialDetail): Uint8Array {
  const isSuccess = trial.state === 'complete' || trial.state === 'pruned';
  return encode((data) =>
    data.writeMessage(
      4,
      (_, session) => {
        session.writeVarintField(1, isSuccess ? SUCCESS : FAILURE);
        session.writeDoubleField(2, Date.parse(trial.settledAt!) / 1000);
      },
      null,
    ),
  );
}

function encode(write: (data: PbfWriter) => void): Uint8Array {
  const data = new PbfWriter();
  write(data);
  return data.finish();
}

function writeParameter({ name, parameter }: { name: string; parameter: Parameter }, info: PbfWriter): void {
  info.writeStringField(1, name);
  info.writeVarintField(4, dataTypes[getParameterType(parameter)]);
  if ('low' in parameter) info.writeMessage(6, writeInterval, parameter);
  else if (parameter.type !== 'program') info.writeMessage(5, writeList, parameter);
}

function writeInterval({ low, high }: { low: number; high: number }, interval: PbfWriter): void {
  interval.writeDoubleField(1, low);
  interval.writeDoubleField(2, high);
}

function writeList(parameter: Exclude<Parameter, { low: number } | { type: 'program' }>, list: PbfWriter): void {
  const values = parameter.type === 'constant' ? [parameter.value] : parameter.choices;
  for (const value of values) list.writeMessage(1, writeValue, toTypedValue(parameter, value));
}

function writeMetric(tag: string, info: PbfWriter): void {
  info.writeMessage(1, writeMetricName, tag);
}

function writeMetricName(tag: string, name: PbfWriter): void {
  name.writeStringField(2, tag);
}

function writeEntry({ name, value }: { name: string; value: Value }, entry: PbfWriter): void {
  entry.writeStringField(1, name);
  entry.writeMessage(2, writeValue, value);
}

function writeValue(value: Value, message: PbfWriter): void {
  if (typeof value === 'number') message.writeDoubleField(2, value);
  else if (typeof value === 'string') message.writeStringField(3, value);
  else message.writeBooleanField(4, value);
}
