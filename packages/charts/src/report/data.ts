import type { ReferenceDivergence } from '@gradsmith/core/domain';
import type { ReferenceNames } from '@gradsmith/core/spec';
import type { ValueMeaning } from '../text/numbers.ts';

/**
 * The input of a report and its figures: plain JSON-like data that does not depend on the records of the ledger.
 * Numbers may be null or not finite; figures omit such values and never fail on them.
 */

export type ParameterValue = number | string | boolean;

/** A point of the search space: values by parameter name, in the user's units. */
export type PointData = Readonly<Record<string, ParameterValue>>;

/** Reads the value of a parameter. Any name is allowed, also `constructor`. */
export function readValue(point: PointData, name: string): ParameterValue | undefined {
  return Object.hasOwn(point, name) ? point[name] : undefined;
}

/** One dimension of the search space: a `Parameter` of bayesopt with its name. */
export type ParameterData =
  | {
      readonly name: string;
      readonly type: 'float' | 'int';
      readonly low: number;
      readonly high: number;
      readonly scale?: 'linear' | 'log';
      /** Distance of the values; without it, a float has any. */
      readonly step?: number;
    }
  | { readonly name: string; readonly type: 'categorical'; readonly choices: readonly ParameterValue[] }
  | { readonly name: string; readonly type: 'constant'; readonly value: ParameterValue }
  | { readonly name: string; readonly type: 'program' };

/** The state of a trial; `infeasible`: complete, but it does not fulfill the measured constraints. */
export type TrialStateData =
  | 'pending'
  | 'running'
  | 'complete'
  | 'infeasible'
  | 'pruned'
  | 'diverged'
  | 'failed'
  | 'cancelled';

/** A search trial. */
export interface TrialData {
  readonly number: number;
  readonly state: TrialStateData;
  /** The metric's value; for a pruned trial what `prunedValue` of the metric says; null if there is none. */
  readonly value: number | null;
  readonly point: PointData;
  /** One value per step, see `CurveMeaning`. Only the best trials need it. */
  readonly curve?: ArrayLike<number>;
}

/** The curve of one training, thinned out: ascending steps, and the value at each. */
export interface RunData {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export type AttemptOutcome = 'running' | 'reported' | 'failed' | 'released' | 'expired' | 'cancelled';

/** One try at a trial. Times are in ms since 1970. */
export interface AttemptData {
  /** Id of the trial. */
  readonly trial: string;
  readonly worker: string;
  readonly startedAt: number;
  /** The time of the data for one that runs. */
  readonly finishedAt: number;
  readonly outcome: AttemptOutcome;
}

/** What the fitted model expects around the best point. The shape is that of an answer of the API. */
export interface ModelData {
  readonly point: PointData | null;
  /** Along each parameter, with the others at the best point. */
  readonly slices: readonly {
    readonly name: string;
    /** Values of the parameter: ascending, or its choices. */
    readonly at: readonly ParameterValue[];
    readonly mean: readonly number[];
    /** Standard deviation, in the units of the metric. */
    readonly deviation: readonly number[];
  }[];
  /** Over two parameters, row by row, the smallest y first. */
  readonly grid: {
    readonly x: { readonly name: string; readonly at: readonly number[] };
    readonly y: { readonly name: string; readonly at: readonly number[] };
    readonly mean: readonly number[];
    readonly deviation: readonly number[];
  } | null;
}

/** What the search optimizes. */
export interface MetricData extends ValueMeaning {
  /** The displayed name: `AULC`, `validation accuracy`, … */
  readonly name: string;
}

/** The values of all objectives of a complete trial, and whether others dominate it. */
export interface OutcomeData {
  readonly number: number;
  /** In the order of the objectives. */
  readonly values: readonly number[];
  readonly kind: 'front' | 'dominated' | 'infeasible';
}

/** The Pareto front of a job with several objectives. */
export interface ParetoData {
  readonly objectives: readonly MetricData[];
  /** At least the trials on the front. */
  readonly outcomes: readonly OutcomeData[];
  readonly hypervolume: number;
  /** Where the hypervolume is measured from; null before the first complete trial. */
  readonly reference: readonly number[] | null;
}

/** The meaning of the curves. */
export interface CurveMeaning {
  /** Label of the vertical axis: `loss on the training batch`, or the metric that a program reports. */
  readonly quantity: string;
  /** Training losses above it count as this in the metric. null: the values are not training losses and have no cap. */
  readonly cap: number | null;
  /** What the values are counted by, if it is not the step of a training: `trial`. */
  readonly axis?: string;
  /** Whether a value holds until the next one; by default the line goes from one to the next. */
  readonly isStepped?: boolean;
  /** Whether the metric is the area under the curve. */
  readonly isArea: boolean;
}

/** The reference: the job without backward replacements and with its own settings, with the seeds of the search. */
export interface ReferenceData extends ReferenceNames {
  /** null if the reference is not complete; there is then no gain. */
  readonly value: number | null;
  /** How often it diverged; null or absent if it never did. */
  readonly divergence?: ReferenceDivergence | null;
  readonly curve?: ArrayLike<number>;
  /** Its curves on fresh seeds. */
  readonly runs?: readonly RunData[];
}

/**
 * A repetition of a search point and of the reference on fresh paired seeds. A gain is the reference's value minus the
 * point's (if minimized) or the reverse (if maximized): positive is better than the reference.
 */
export interface ConfirmationData {
  /** Number of the repeated search trial. */
  readonly number: number;
  /** What its point is known as, such as GELU. */
  readonly name?: string;
  readonly gains: readonly { readonly seed: number; readonly gain: number }[];
  readonly mean: number;
  /** 95 % interval of the mean; null with fewer than two pairs. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Its curves on fresh seeds. */
  readonly runs?: readonly RunData[];
  /** Its gains over the reference in metrics over the validation examples, under the same seeds. */
  readonly validation?: readonly { readonly metric: string; readonly mean: number; readonly interval: IntervalData }[];
}

/** A 95 % interval of a mean; null with fewer than two pairs. */
export type IntervalData = readonly [low: number, high: number] | null;

/**
 * A null hypothesis about the b-functions that the job tuned: the best constant times σ′, or the best learning rate of
 * plain backpropagation. The shape is that of a status of the API.
 */
export interface BaselineData {
  readonly name: 'constant' | 'learning-rate';
  /** Trials that tune it, and those of them that are settled. */
  readonly budget: number;
  readonly settled: number;
  /** Its best value under the seeds of the search; null while no trial is complete. */
  readonly best: {
    readonly value: number;
    readonly point: PointData;
    readonly atBound: readonly { readonly bound: number }[];
  } | null;
  /** Its gain over plain backpropagation on fresh seeds. */
  readonly gain: {
    readonly mean: number;
    readonly interval: IntervalData;
    readonly gains: readonly { readonly seedIndex: number; readonly gain: number }[];
  } | null;
  /** Gains of confirmed points over it. `trial` is the id of the search trial. */
  readonly confirmed: readonly {
    readonly trial: string;
    readonly meanGain: number;
    readonly interval: IntervalData;
  }[];
}

/** The b-functions of one layer, sampled at common places z (ascending, usually in [-5, 5]). */
export interface BFunctionData {
  /** Name of the layer whose derivative is replaced, such as `relu7`. */
  readonly layer: string;
  /** Displayed name of its activation, such as `ReLU`. */
  readonly activation: string;
  readonly z: ArrayLike<number>;
  /** σ′(z), which plain backpropagation uses. */
  readonly derivative: ArrayLike<number>;
  /** What the job's optimizer makes of a constant times σ′, if that is not a learning rate: `adam divides by …`. */
  readonly scaling?: string;
  /** g(z) of the best trials, best first. */
  readonly found: readonly {
    readonly number: number;
    /** What the point is known as, such as GELU. */
    readonly name?: string;
    readonly g: ArrayLike<number>;
  }[];
}

/** Where the inputs z of a layer lie at a moment of a training. */
export interface InputsData {
  /** Completed steps. */
  readonly step: number;
  /** The bins are of equal width, from −limit to limit. */
  readonly limit: number;
  /** The number of inputs below the range, in each bin, and above it. */
  readonly counts: readonly number[];
}

/** The b-function of one trial at one layer. */
export interface ImplicitRateData extends Omit<BFunctionData, 'found'> {
  readonly found: BFunctionData['found'][number];
  /** α at the end of the training, without the factor of a schedule; null: β is drawn in units of it. */
  readonly learningRate: number | null;
  /** Share of the inputs with σ′ = 0 and g ≠ 0, which the training measured as `beta.LAYER.dead`; null: it did not. */
  readonly dead: number | null;
  /** Empty: they were not counted. */
  readonly inputs: readonly InputsData[];
}

/** The path of the weights of one training, as it is seen in the plane of `PathsData`. */
export interface PathData {
  readonly name: string;
  /** Number of the search trial; null for the reference. */
  readonly trial: number | null;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Share of the path that lies in the plane, 0 to 1; null if the weights never change. */
  readonly share: number | null;
  /** Mean cosine between the layer's gradient and that of plain backpropagation along the path. */
  readonly cosine: number | null;
}

/** The training loss on a grid of the plane, with all other layers as they are during the trainings. */
export interface LandscapeData {
  /** Ascending places along the first and the second direction. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Row by row, the smallest y first. */
  readonly losses: readonly number[];
  /** Training examples that the loss is the mean of. */
  readonly examples: number;
}

/** Paths of the weights of one layer in the plane of their first two principal components. */
export interface PathsData {
  /** Name of the layer. */
  readonly layer: string;
  /** Share of the variation of all snapshots that lies in the plane, 0 to 1. */
  readonly share: number;
  /** The reference first, then the best trials, best first. */
  readonly paths: readonly PathData[];
  readonly landscape: LandscapeData | null;
  /** Why there is no landscape; null if nothing prevents it. */
  readonly obstacle: string | null;
}

/** One line of "How it was run": `{ label: 'Data set', value: 'MNIST, 5,000 training images' }`. */
export interface FactData {
  readonly label: string;
  readonly value: string;
}

/** The input of `renderReport`. Empty lists and nulls stand for data that the job does not have (yet). */
export interface ReportData {
  /** Name of the job. */
  readonly title: string;
  readonly jobId: string;
  /** State of the job: `completed`, `running`, … */
  readonly state: string;
  /** ISO 8601 time of the report. Without it, equal data give an equal report. */
  readonly generatedAt: string | null;
  readonly metric: MetricData;
  /** Of a job with several objectives: there is then no best trial. */
  readonly pareto?: ParetoData | null;
  readonly curveMeaning: CurveMeaning;
  readonly parameters: readonly ParameterData[];
  /** Search trials by number, without reference and confirm trials. */
  readonly trials: readonly TrialData[];
  /** Number of trials that the search may settle. */
  readonly budget: number;
  /** null: the job has no reference (yet), and the report does not mention gains. */
  readonly reference: ReferenceData | null;
  /** In the order of the search's ranking. Its best point is missing if it is not confirmed (yet). */
  readonly confirmations: readonly ConfirmationData[];
  /** Empty if the job is compared with plain backpropagation only. */
  readonly baselines: readonly BaselineData[];
  /** What the comparison with the baselines does not say. */
  readonly baselineLimits: readonly string[];
  /** One entry per layer with a replaced derivative; may be empty. */
  readonly bFunctions: readonly BFunctionData[];
  /** The b-function of the best trial at each layer, with its learning rate and the inputs of the layer. */
  readonly implicitRates?: readonly ImplicitRateData[];
  /** null if the job records no weights. */
  readonly paths?: PathsData | null;
  /** Attempts at trials, in any order. */
  readonly attempts?: readonly AttemptData[];
  /** null: there is none (yet). */
  readonly model?: ModelData | null;
  /** Share of a parameter in the variation of the value, 0 to 1, if it was computed. */
  readonly importance?: readonly ImportanceData[];
  /** Data set, network, backend, seeds, versions and duration, in reading order. */
  readonly facts: readonly FactData[];
  readonly reproduce: ReproduceData;
}

export interface ImportanceData {
  readonly name: string;
  readonly share: number;
}

export interface ReproduceData {
  /** The complete job file as YAML. */
  readonly jobFile: string;
  /** Commands that run the job again, one per line. */
  readonly commands: readonly string[];
  /** What makes a repetition differ, one paragraph each. */
  readonly notes: readonly string[];
}
