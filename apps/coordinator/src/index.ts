export { ThreadSuggester } from './thread-suggester.ts';
export { versions } from './versions.ts';
