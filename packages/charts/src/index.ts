export { bFunctionFigure, type BFunctionOptions } from './figures/bFunction.ts';
export { confirmFigure, type ConfirmData } from './figures/confirm.ts';
export { importanceFigure } from './figures/importance.ts';
export { lossCurveFigure, type LossCurve, type LossCurveData, type LossCurveOptions } from './figures/lossCurve.ts';
export { searchFigure, type SearchData } from './figures/search.ts';
export { sliceFigure, type SliceData } from './figures/slice.ts';
export { sparkline, type SparklineOptions } from './figures/sparkline.ts';
export type {
  BFunctionData,
  ConfirmationData,
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
export { renderReport } from './report/render.ts';
export { type Verdict, verdictOf } from './report/verdict.ts';
export type { FigureOptions } from './svg/frame.ts';
export {
  columnFormat,
  formatCount,
  formatInterval,
  formatNumber,
  isFiniteNumber,
  plural,
  signed,
} from './svg/numbers.ts';
