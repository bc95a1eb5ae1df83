export { initChart } from './echarts.ts';
export { renderSvg, type SvgOptions } from './render-svg.ts';
