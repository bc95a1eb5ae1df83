export { bFunctionFigure, type BFunctionOptions } from './figures/b-function.ts';
export { confirmFigure, type ConfirmData } from './figures/confirm.ts';
export { importanceFigure } from './figures/importance.ts';
export { curvesFigure, type Curve, type CurvesData, type CurvesOptions } from './figures/curves.ts';
export { searchFigure, type SearchData } from './figures/search.ts';
export { sliceFigure, type SliceData } from './figures/slice.ts';
export { sparkline, type SparklineOptions } from './figures/sparkline.ts';
export type {
  BFunctionData,
  ConfirmationData,
  CurveMeaning,
  FactData,
  ImportanceData,
  MetricData,
  ParameterData,
  ParameterValue,
  PointData,
  ReferenceData,
  ReportData,
  ReproduceData,
  TrialData,
  TrialStateData,
} from './report/data.ts';
export { readValue } from './report/data.ts';
export { describeCurves } from './report/describe-curves.ts';
export { renderReport } from './report/render.ts';
export { type Verdict, verdictOf } from './report/verdict.ts';
export type { FigureOptions } from './svg/frame.ts';
export {
  columnFormat,
  formatBound,
  formatCount,
  formatInterval,
  formatNumber,
  isFiniteNumber,
  plural,
  signed,
} from './svg/numbers.ts';
