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
  OutcomeData,
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
export { joinLayers } from './report/join-layers.ts';
export { listBestSoFar } from './report/list-best-so-far.ts';
export { listDifferences } from './report/list-differences.ts';
export { listImplicitRates } from './report/list-implicit-rates.ts';
export { renderLatexTable } from './report/latex-table.ts';
export { listParameters, namePoint, nameTrial } from './report/name-point.ts';
export { describeComparison, type ComparedResult } from './report/describe-comparison.ts';
export { describeCurves } from './report/describe-curves.ts';
export { sampleLayers } from './report/sample-layers.ts';
export { listMarkedTrials, rankTrials } from './report/rank-trials.ts';
export { computeVerdict } from './report/verdict.ts';
export { formatBound } from './text/numbers.ts';
