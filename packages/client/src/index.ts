export { Gradsmith } from './client.ts';
export type {
  Answer,
  Created,
  CreateOptions,
  FieldChoice,
  JobQuery,
  JobFile,
  Page,
  PageRequest,
  Point,
  TrialQuery,
} from './queries.ts';
export type { TrialDetail } from '@gradsmith/contract';
export type { EventOptions, JobEvent, JobsEvent } from './events.ts';
export { ApiProblem, ConnectionError, NoAnswer, isTransient } from './problem.ts';
export { createUuid } from './time.ts';
export type { ClientOptions } from './transport.ts';
export { work, type Measured, type Measurement, type Objective, type WorkOptions } from './work.ts';
