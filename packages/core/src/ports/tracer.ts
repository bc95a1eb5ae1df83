/**
 * Where a span stands in the trace of its job. Ids and parents are names within the job: the same name is the same span
 * in every process.
 */
export interface SpanPlace {
  job: string;
  /** Under which other spans hang below it. */
  id?: string;
  parent?: string;
}

/** Tells operators how long things take. Each job is one trace: recording it is the root, its trials hang below. */
export interface Tracer {
  span<T>(
    name: string,
    place: SpanPlace,
    attributes: Readonly<Record<string, string | number>>,
    work: () => Promise<T>,
  ): Promise<T>;
}

/** Where nobody asked for traces. */
export const noTracer: Tracer = { span: async (_name, _place, _attributes, work) => work() };

export const JOB_SPAN = 'job';

export function nameTrialSpan(trialId: string): string {
  return `trial ${trialId}`;
}
