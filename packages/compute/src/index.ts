export { ThreadImportance } from './thread-importance.ts';
export { ThreadSuggester } from './thread-suggester.ts';
export { versions } from './versions.ts';
