export { type PopulationProgram, type PopulationRun, runPopulation } from './run-population.ts';
