import type { ImplicitRateData, ImportanceData, ParetoData, PathsData } from '../report/data.ts';
import { type AllCurvesData, drawAllCurves } from './all-curves.ts';
import { type BFunctionsData, drawBFunctions } from './b-functions.ts';
import { type ConfirmData, drawConfirmations } from './confirmations.ts';
import { type ContourData, drawContour } from './contour.ts';
import { type CurvesData, drawCurves } from './curves.ts';
import { drawEdf, type EdfData } from './edf.ts';
import { createFrame, type Figure, type FigureView, type Frame } from './figure.ts';
import { drawImplicitRate } from './implicit-rate.ts';
import { drawImportance } from './importance.ts';
import { drawParallel, type ParallelData } from './parallel.ts';
import { drawPareto } from './pareto.ts';
import { drawPaths } from './paths.ts';
import { drawRank, type RankData } from './rank.ts';
import { drawSearch, type SearchData } from './search.ts';
import { drawSlices, type SliceData } from './slices.ts';
import { drawTimeline, type TimelineData } from './timeline.ts';

/** The data of each kind of figure. */
export interface FigureData {
  search: SearchData;
  'b-functions': BFunctionsData;
  'implicit-rate': ImplicitRateData;
  curves: CurvesData;
  'all-curves': AllCurvesData;
  confirmations: ConfirmData;
  importance: readonly ImportanceData[];
  slices: SliceData;
  contour: ContourData;
  rank: RankData;
  edf: EdfData;
  timeline: TimelineData;
  parallel: ParallelData;
  paths: PathsData;
  pareto: ParetoData;
}

export type FigureKind = keyof FigureData;

const kinds: { readonly [Kind in FigureKind]: (data: FigureData[Kind], frame: Frame) => Figure } = {
  search: drawSearch,
  'b-functions': drawBFunctions,
  'implicit-rate': drawImplicitRate,
  curves: drawCurves,
  'all-curves': drawAllCurves,
  confirmations: drawConfirmations,
  importance: drawImportance,
  slices: drawSlices,
  contour: drawContour,
  rank: drawRank,
  edf: drawEdf,
  timeline: drawTimeline,
  parallel: drawParallel,
  paths: drawPaths,
  pareto: drawPareto,
};

/** Creates a figure from data. Equal data and views give equal figures. */
export function createFigure<Kind extends FigureKind>(kind: Kind, data: FigureData[Kind], view: FigureView): Figure {
  return kinds[kind](data, createFrame(view));
}
