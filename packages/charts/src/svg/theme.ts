import { type Markup, element, trusted } from './markup.ts';

/**
 * Colors of lines that people with color vision deficiencies can distinguish (based on the palette of Okabe and Ito,
 * with a contrast of at least 3:1 to the page). Further series repeat them.
 */
const SERIES = 6;

/** Returns the CSS class of series `index`. */
export function chooseSeriesClass(index: number): string {
  return `c${(index % SERIES) + 1}`;
}

const light = {
  ink: '#1f2328',
  muted: '#57606a',
  grid: '#e3e7eb',
  surface: '#ffffff',
  shade: '#f3f5f7',
  c1: '#0067a5',
  c2: '#c75000',
  c3: '#00775a',
  c4: '#a3427f',
  c5: '#7a6200',
  c6: '#5a4fc0',
};
const dark: typeof light = {
  ink: '#e8edf2',
  muted: '#9ba6b1',
  grid: '#2d343c',
  surface: '#0e1217',
  shade: '#181e25',
  c1: '#5cb8ee',
  c2: '#f59a52',
  c3: '#34cba0',
  c4: '#e795c6',
  c5: '#e4cf55',
  c6: '#aaa5ff',
};

/** Values of the figures' colors. A page can set `--gs-<name>` to override one. */
function variables(colors: typeof light): string {
  return Object.entries(colors)
    .map(([name, value]) => `--${name}:var(--gs-${name},${value})`)
    .join(';');
}

const series = Array.from({ length: SERIES }, (_, i) => `.gs-figure .c${i + 1}{--c:var(--c${i + 1})}`).join('');

const css = `.gs-figure{${variables(light)};--c:var(--c1);max-width:100%;height:auto;color:var(--ink);
  font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media screen and (prefers-color-scheme:dark){.gs-figure{${variables(dark)}}}
${series}.gs-figure .ref{--c:var(--muted)}
.gs-figure text{fill:var(--ink);font-variant-numeric:tabular-nums}.gs-figure .soft{fill:var(--muted)}
.gs-figure .tint{fill:var(--c)}
.gs-figure .grid{stroke:var(--grid);fill:none}.gs-figure .axis{stroke:var(--muted);fill:none}
.gs-figure .line{stroke:var(--c);stroke-width:2px;fill:none;stroke-linejoin:round;stroke-linecap:round}
.gs-figure .thin{stroke-width:1.25px}.gs-figure .dash{stroke-dasharray:6 4;stroke-linecap:butt}
.gs-figure .faint{opacity:.3;stroke-width:1px}.gs-figure .lead{stroke:var(--c);opacity:.6;fill:none}
.gs-figure .fill{fill:var(--c)}.gs-figure .hollow{fill:var(--surface);stroke:var(--c);stroke-width:1.5px}
.gs-figure .mark{fill:none;stroke:var(--c);stroke-width:1.75px}
.gs-figure .area{fill:var(--c);opacity:.14}.gs-figure .shade{fill:var(--shade)}`;

/** The style sheet of every figure, so that each figure is complete. Repeating it in a page changes nothing. */
export const STYLE: Markup = element('style', {}, [trusted(css)]);
