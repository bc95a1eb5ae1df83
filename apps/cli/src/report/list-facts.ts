import type { FactData } from '@gradsmith/charts';
import type { JobDocument } from '@gradsmith/core/jobs';
import { planTraining } from '@gradsmith/core/objective';
import {
  countTrialSeeds,
  describeStop,
  getBaselineBudget,
  isTrainingJob,
  listBaselines,
  type JobSpec,
} from '@gradsmith/core/spec';

/** Lists how a job was run: data set, network, search, seeds, backend and times. */
export function listFacts({ spec, job, trials }: JobDocument): FactData[] {
  const provenance =
    trials.find(({ result }) => result && Object.keys(result.provenance).length)?.result?.provenance ?? {};
  const trainingMs = trials.reduce(
    (sum, { attempts }) =>
      sum + attempts.reduce((ms, { startedAt, finishedAt }) => ms + ((finishedAt ?? startedAt) - startedAt), 0),
    0,
  );
  const wallMs = job.startedAt !== null && job.finishedAt !== null ? job.finishedAt - job.startedAt : null;
  const searched = trials.filter(({ role }) => role === 'search').length;
  return [
    ...listTrainingFacts(spec),
    {
      label: 'Search',
      value:
        `${spec.search.algorithm}, ${searched} of ${job.budget} trials, ${spec.search.initial} initial, ` +
        `up to ${spec.search.maxParallelism} at once, seed ${spec.search.seed}`,
    },
    ...listStopFacts(job, spec),
    ...listBaselineFacts(spec),
    {
      label: 'Seeds',
      value: `${describeSearchSeeds(spec)}, ${spec.confirm.seeds} fresh ones for the confirmation`,
    },
    { label: 'Backend', value: job.runtime ?? 'none yet' },
    ...(wallMs === null
      ? []
      : [
          {
            label: 'Wall time',
            value: `${(wallMs / 1000).toFixed(0)} s; ${(trainingMs / 1000).toFixed(0)} s of training`,
          },
        ]),
    ...Object.entries(provenance).map(([label, value]) => ({ label, value: String(value) })),
  ];
}

function describeSearchSeeds({ objective }: JobSpec): string {
  const count = countTrialSeeds(objective);
  if (count === 1) return `${objective.seed} for the search`;
  const others = count === 2 ? '1 that is' : `${count - 1} that are`;
  return `${count} for the search, over which each trial averages (${objective.seed} and ${others} derived from it)`;
}

function listStopFacts({ stopped }: JobDocument['job'], spec: JobSpec): FactData[] {
  return stopped ? [{ label: 'Search stopped', value: describeStop(stopped.rule, spec) }] : [];
}

function listBaselineFacts(spec: JobSpec): FactData[] {
  const baselines = listBaselines(spec);
  if (!baselines.length) return [];
  return [{ label: 'Baselines', value: `${baselines.join(' and ')}, ${getBaselineBudget(spec)} trials each` }];
}

function listTrainingFacts(spec: JobSpec): FactData[] {
  if (!isTrainingJob(spec)) return [];
  const { dataset, network, optimizer, epochs, batchSize } = spec.objective;
  const { stepsPerEpoch } = planTraining(spec.objective);
  return [
    {
      label: 'Data set',
      value: `${dataset.name}, ${dataset.train} training and ${dataset.validation} validation examples`,
    },
    { label: 'Network', value: 'layers' in network ? `${network.layers.length} layers of the job file` : network.name },
    {
      label: 'Training',
      value:
        `${optimizer.name}, learning rate ${optimizer.learningRate}, ${epochs} epochs of ` +
        `${stepsPerEpoch} steps, batches of ${batchSize}`,
    },
  ];
}
