export { drawBFunctions, type BFunctionOptions } from './figures/b-function.ts';
export { drawConfirmations, type ConfirmData } from './figures/confirm.ts';
export { drawImportance } from './figures/importance.ts';
export { drawCurves, type Curve, type CurvesData, type CurvesOptions } from './figures/curves.ts';
export { drawSearch, type SearchData } from './figures/search.ts';
export { drawSlices, type SliceData } from './figures/slice.ts';
export { drawSparkline, type SparklineOptions } from './figures/sparkline.ts';
export { drawPaths, type PathsOptions } from './paths/draw-paths.ts';
export { findSlice, placeInSlice, projectPath, type Slice } from './paths/find-slice.ts';
export type {
  BaselineData,
  BFunctionData,
  ConfirmationData,
  CurveMeaning,
  FactData,
  ImportanceData,
  LandscapeData,
  MetricData,
  ParameterData,
  ParameterValue,
  PathData,
  PathsData,
  PointData,
  ReferenceData,
  ReportData,
  ReproduceData,
  TrialData,
  TrialStateData,
} from './report/data.ts';
export { readValue } from './report/data.ts';
export { describeCurves } from './report/describe-curves.ts';
export { sampleLayers } from './report/sample-layers.ts';
export { renderReport } from './report/render.ts';
export type { ShapeVerdict } from './report/judge-shape.ts';
export { type Verdict, computeVerdict } from './report/verdict.ts';
export type { FigureOptions } from './svg/frame.ts';
export {
  createColumnFormat,
  formatBound,
  formatCount,
  formatInterval,
  formatNumber,
  isFiniteNumber,
  formatPlural,
  formatSigned,
} from './svg/numbers.ts';
