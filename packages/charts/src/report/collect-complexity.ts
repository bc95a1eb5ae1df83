import { countFormulaNodes } from '@gradsmith/core/spec';
import { type OutcomeData, type ParetoData, readValue, type ReportData } from './data.ts';
import { rankCompleteTrials } from './rank-complete-trials.ts';

/** Name of the complexity of a point: that of all its formulas together. */
export const COMPLEXITY = 'operands, constants and functions';

/**
 * Returns the complexity and the value of each complete trial of a job that searches formulas. On the front are the
 * trials with a better value than all simpler ones. null without formulas or complete trials, and with several
 * objectives.
 */
export function collectComplexity(data: ReportData): ParetoData | null {
  const names = data.parameters.filter(({ type }) => type === 'program').map(({ name }) => name);
  if (!names.length) return null;
  const counted = rankCompleteTrials(data).flatMap(({ number, value, point }) => {
    const formulas = names.map((name) => readValue(point, name)).filter((formula) => formula !== undefined);
    const nodes = formulas.map((formula) => countFormulaNodes(String(formula)));
    if (!nodes.length || nodes.includes(undefined)) return [];
    return [{ number, value, complexity: nodes.reduce<number>((sum, each) => sum + each!, 0) }];
  });
  if (!counted.length) return null;
  let simplest = Infinity;
  const outcomes = counted.map(({ number, value, complexity }): OutcomeData => {
    const isFront = complexity < simplest;
    if (isFront) simplest = complexity;
    return { number, values: [complexity, value], kind: isFront ? 'front' : 'dominated' };
  });
  const objectives = [{ name: COMPLEXITY, direction: 'minimize' as const }, data.metric];
  return { objectives, outcomes, hypervolume: 0, reference: null };
}
