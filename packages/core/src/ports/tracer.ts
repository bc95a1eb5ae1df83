/**
 * Where a span stands in the trace of its job. Ids and parents are names within the job: the same name is the same span
 * in every process.
 */
export interface SpanPlace {
  job: string;
  /** Id of this span, for its children. */
  id?: string;
  parent?: string;
}

/** Records how long operations take. Each job is one trace: its creation is the root, its trials are children. */
export interface Tracer {
  span<T>(
    name: string,
    place: SpanPlace,
    attributes: Readonly<Record<string, string | number>>,
    work: () => Promise<T>,
  ): Promise<T>;
}

/** A tracer that records nothing. */
export const noTracer: Tracer = { span: async (_name, _place, _attributes, work) => work() };

export const JOB_SPAN = 'job';

export function nameTrialSpan(trialId: string): string {
  return `trial ${trialId}`;
}
