export type { Parameter, ParameterValue, Point, SpaceDefinition, SpaceProblem } from './space/definition.ts';
export { checkSpace } from './space/check.ts';
export { createSpace, SpaceError, type Space } from './space/space.ts';
export type {
  Algorithm,
  Hyperparameters,
  ModelState,
  Observation,
  ObservationStatus,
  SearchSettings,
  SuggestInput,
  Suggestion,
} from './search/types.ts';
export { suggest } from './search/suggest.ts';
