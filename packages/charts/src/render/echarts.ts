import { BarChart, CustomChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  DataZoomInsideComponent,
  GridComponent,
  LegendPlainComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelComponent,
  TitleComponent,
  ToolboxComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';
import { measureText } from '../text/metrics.ts';

// The parts of ECharts that figures use, and no others, so that a bundle of the page stays small.
use([
  BarChart,
  CustomChart,
  LineChart,
  ParallelChart,
  ScatterChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendPlainComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelComponent,
  TitleComponent,
  ToolboxComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

// Without a page there is nothing that measures text, and the reader's fonts are not known: estimate generously.
if (!('document' in globalThis))
  setPlatformAPI({
    measureText: (content, font) => ({
      width: measureText(content, Number(/([\d.]+)px/.exec(font ?? '')?.[1] ?? 12)),
    }),
  });

/** Creates a chart in an element of a page; its option is that of a figure. */
export { init as initChart };
