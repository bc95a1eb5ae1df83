export { createFigure, type FigureData, type FigureKind } from './figures/create-figure.ts';
export type { AllCurvesData } from './figures/all-curves.ts';
export type { CurvesData } from './figures/curves.ts';
export { findSlice, placeInSlice, projectPath, type Slice } from './figures/find-slice.ts';
export { listRankParameters } from './figures/rank.ts';
export type { Figure, FigureView } from './figures/figure.ts';
export { type FigureTheme, themes } from './figures/theme.ts';
export { type MarkEvent, readTrialNumber } from './figures/tooltip.ts';
export { formatCsv } from './render/format-csv.ts';
export type {
  AttemptData,
  BFunctionData,
  ConfirmationData,
  CurveMeaning,
  FactData,
  ImplicitRateData,
  ImportanceData,
  LandscapeData,
  ModelData,
  ParetoData,
  ParameterData,
  PathsData,
  ReportData,
  RunData,
  TrialData,
} from './report/data.ts';
export { readValue } from './report/data.ts';
export { collectBestCurves, collectConfirmedCurves } from './report/collect-curves.ts';
export { collectComplexity } from './report/collect-complexity.ts';
export { collectPaths } from './report/collect-paths.ts';
export { createConfirmation } from './report/create-confirmation.ts';
export { createParetoData } from './report/create-pareto-data.ts';
export { joinLayers } from './report/join-layers.ts';
export { listBestSoFar } from './report/list-best-so-far.ts';
export { listDifferences } from './report/list-differences.ts';
export { listImplicitRates } from './report/list-implicit-rates.ts';
export { renderLatexTable } from './report/latex-table.ts';
export { listParameters, namePoint, nameTrial } from './report/name-point.ts';
export { describeComparison, type ComparedResult } from './report/describe-comparison.ts';
export { describeDivergedRuns, hasDivergedSeeds } from './report/describe-divergence.ts';
export { describeCurves } from './report/describe-curves.ts';
export { readTrialState } from './report/read-trial-state.ts';
export { sampleLayers } from './report/sample-layers.ts';
export { listMarkedTrials, rankCompleteTrials } from './report/rank-complete-trials.ts';
export { computeVerdict } from './report/verdict.ts';
export { formatMetricName } from './text/metric-name.ts';
export { formatTrialValue } from './text/numbers.ts';
