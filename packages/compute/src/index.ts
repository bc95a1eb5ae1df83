export { serveCalls } from './serve-calls.ts';
export { ComputationFailed, SLOW_NICE, ThreadPool } from './thread-pool.ts';
export { ThreadModel } from './thread-model.ts';
export { ThreadImportance } from './thread-importance.ts';
export { ThreadSuggester } from './thread-suggester.ts';
export { versions } from './versions.ts';
