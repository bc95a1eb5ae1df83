export type { Clock } from './clock.ts';
export {
  createTrialMessage,
  getQueue,
  type Consumer,
  type Dispatcher,
  type MessageHandler,
  type TrialMessage,
} from './dispatcher.ts';
export type { Log } from './log.ts';
export type { Signals } from './signals.ts';
export { SuggestionFailed, type Suggester } from './suggester.ts';
export { JOB_SPAN, nameTrialSpan, noTracer, type SpanPlace, type Tracer } from './tracer.ts';
export {
  TrainerFailed,
  type ModuleCall,
  type Trainer,
  type TrainerFailure,
  type TrainingHooks,
  type TrainingRequest,
} from './trainer.ts';
export type { Device, LiveWorker, RecentWork, WorkerInfo, WorkerRegistry } from './workers.ts';
export { systemClock } from './system-clock.ts';
