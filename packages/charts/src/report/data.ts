/**
 * What a report and its figures are made from: plain JSON-like data, free of any record of the ledger. Numbers may be
 * missing (null) or not finite wherever something went wrong; figures leave such values out and never fail on them.
 */

export type ParameterValue = number | string | boolean;

/** A point of the search space: value by parameter name, in the user's units. */
export type PointData = Readonly<Record<string, ParameterValue>>;

/** Reads the value of a parameter, whatever its name: `constructor` is a name like any other. */
export function readValue(point: PointData, name: string): ParameterValue | undefined {
  return Object.hasOwn(point, name) ? point[name] : undefined;
}

/** One dimension of the search space; the same shapes as a `Parameter` of bayesopt, with its name. */
export type ParameterData =
  | {
      readonly name: string;
      readonly type: 'float' | 'int';
      readonly low: number;
      readonly high: number;
      readonly scale?: 'linear' | 'log';
    }
  | { readonly name: string; readonly type: 'categorical'; readonly choices: readonly ParameterValue[] }
  | { readonly name: string; readonly type: 'constant'; readonly value: ParameterValue };

export type TrialStateData = 'pending' | 'running' | 'complete' | 'pruned' | 'diverged' | 'failed' | 'cancelled';

/** A search trial. */
export interface TrialData {
  readonly number: number;
  readonly state: TrialStateData;
  /** The metric's value; for a pruned trial the bound it cannot beat; null where there is none. */
  readonly value: number | null;
  readonly point: PointData;
  /** One value for each step, see `CurveMeaning`. Needed for the best few trials only. */
  readonly curve?: ArrayLike<number>;
}

/** What the search optimizes. */
export interface MetricData {
  /** For people: `AULC`, `validation accuracy`, … */
  readonly name: string;
  readonly direction: 'minimize' | 'maximize';
}

/** What the values of the curves are. */
export interface CurveMeaning {
  /** Name of the vertical axis: `loss on the training batch`, or the metric that a program reports. */
  readonly quantity: string;
  /** Training losses above it count as this in the metric. null: the values are not training losses and have no cap. */
  readonly cap: number | null;
  /** Whether the metric is the area under the curve. */
  readonly isArea: boolean;
}

/** Plain backpropagation under the search's own seeds. */
export interface ReferenceData {
  /** null if the reference is not complete; then there is no gain. */
  readonly value: number | null;
  readonly curve?: ArrayLike<number>;
}

/**
 * A search point run again, next to the reference, on fresh paired seeds. A gain is the reference's value minus the
 * point's (minimizing) or the reverse (maximizing): positive means better than plain backpropagation.
 */
export interface ConfirmationData {
  /** Number of the search trial it repeats. */
  readonly number: number;
  readonly gains: readonly { readonly seed: number; readonly gain: number }[];
  readonly mean: number;
  /** 95 % interval of the mean; null with fewer than two pairs. */
  readonly interval: readonly [low: number, high: number] | null;
}

/** The b-functions of one layer, sampled at common places z (ascending, usually over [-5, 5]). */
export interface BFunctionData {
  /** Name of the layer whose derivative is replaced: `relu7`. */
  readonly layer: string;
  /** Name of its activation, for labels: `ReLU`. */
  readonly activation: string;
  readonly z: ArrayLike<number>;
  /** σ′(z), what plain backpropagation uses. */
  readonly derivative: ArrayLike<number>;
  /** g(z) of the best trials, best first. */
  readonly found: readonly { readonly number: number; readonly g: ArrayLike<number> }[];
}

/** One line of "How it was run": `{ label: 'Data set', value: 'MNIST, 5,000 training images' }`. */
export interface FactData {
  readonly label: string;
  readonly value: string;
}

/** Everything `renderReport` needs. Empty lists and nulls stand for what the job does not have (yet). */
export interface ReportData {
  /** Name of the job. */
  readonly title: string;
  readonly jobId: string;
  /** State of the job: `completed`, `running`, … */
  readonly state: string;
  /** ISO 8601 moment the report was made, or null to leave it out (equal data then give an equal report). */
  readonly generatedAt: string | null;
  readonly metric: MetricData;
  readonly curveMeaning: CurveMeaning;
  readonly parameters: readonly ParameterData[];
  /** Search trials by number; reference and confirm runs do not belong here. */
  readonly trials: readonly TrialData[];
  /** Numbers of the search the job may settle. */
  readonly budget: number;
  /** null: the job has no reference (yet), and the report says nothing of gains. */
  readonly reference: ReferenceData | null;
  /** In the order of the search's ranking; its best point is missing where that has not been confirmed (yet). */
  readonly confirmations: readonly ConfirmationData[];
  /** One entry for each layer with a replaced derivative; may be empty. */
  readonly bFunctions: readonly BFunctionData[];
  /** Share of a parameter in the variation of the value, if computed: 0 to 1. */
  readonly importance?: readonly ImportanceData[];
  /** Data set, network, backend, seeds, versions, wall time, in the order of reading. */
  readonly facts: readonly FactData[];
  readonly reproduce: ReproduceData;
}

export interface ImportanceData {
  readonly name: string;
  readonly share: number;
}

export interface ReproduceData {
  /** The job file, complete, as YAML text. */
  readonly jobFile: string;
  /** Commands that run it again, one a line. */
  readonly commands: readonly string[];
}
