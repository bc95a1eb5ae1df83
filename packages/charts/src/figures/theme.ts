/** The colors and the font of a figure. */
export interface FigureTheme {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly shade: string;
  /** Colors of lines and groups. Further series repeat them. */
  readonly series: readonly [string, string, string, string, string, string];
  readonly fontFamily: string;
  /** px */
  readonly fontSize: number;
}

/** Names are in single quotes, because ECharts writes them into an attribute. */
const SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

/**
 * Series colors that people with color vision deficiencies can distinguish (based on the palette of Okabe and Ito, with
 * a contrast of at least 3:1 to the page).
 */
const lightTheme: FigureTheme = {
  ink: '#1f2328',
  muted: '#57606a',
  grid: '#e3e7eb',
  surface: '#ffffff',
  shade: '#f3f5f7',
  series: ['#0067a5', '#c75000', '#00775a', '#a3427f', '#7a6200', '#5a4fc0'],
  fontFamily: SANS,
  fontSize: 12,
};

const darkTheme: FigureTheme = {
  ink: '#e8edf2',
  muted: '#9ba6b1',
  grid: '#2d343c',
  surface: '#0e1217',
  shade: '#181e25',
  series: ['#5cb8ee', '#f59a52', '#34cba0', '#e795c6', '#e4cf55', '#aaa5ff'],
  fontFamily: SANS,
  fontSize: 12,
};

type ColorName = Exclude<keyof FigureTheme, 'series' | 'fontFamily' | 'fontSize'>;

const colorNames: readonly ColorName[] = ['ink', 'muted', 'grid', 'surface', 'shade'];

function listVariables({ series, ...theme }: FigureTheme): string {
  return [
    ...colorNames.map((name) => `--gs-${name}:${theme[name]}`),
    ...series.map((color, i) => `--gs-c${i + 1}:${color}`),
  ].join(';');
}

function readVariable(name: string, fallback: string): string {
  return `var(--gs-${name},${fallback})`;
}

/**
 * The themes by name.
 *
 * - `light`, `dark`: for canvases and files
 * - `adaptive`: for SVG inside a page; its colors are the CSS variables of `ADAPTIVE_COLORS`, so that a figure follows
 *   the reader's light or dark setting
 * - `paper`: black text of 8 points in a serif font, for a column of a paper
 */
export const themes = {
  light: lightTheme,
  dark: darkTheme,
  adaptive: {
    ...lightTheme,
    ink: readVariable('ink', lightTheme.ink),
    muted: readVariable('muted', lightTheme.muted),
    grid: readVariable('grid', lightTheme.grid),
    surface: readVariable('surface', lightTheme.surface),
    shade: readVariable('shade', lightTheme.shade),
    series: lightTheme.series.map((color, i) => readVariable(`c${i + 1}`, color)) as unknown as FigureTheme['series'],
  },
  paper: {
    ...lightTheme,
    ink: '#000000',
    muted: '#333333',
    fontFamily: "'Times New Roman',Times,'Nimbus Roman',serif",
    fontSize: 10.67,
  },
} as const satisfies Record<string, FigureTheme>;

/** The style sheet that gives the variables of the theme `adaptive` their values, light and dark. */
export const ADAPTIVE_COLORS =
  `:root{${listVariables(lightTheme)}}` +
  `@media screen and (prefers-color-scheme:dark){:root{${listVariables(darkTheme)}}}`;

/** Returns the color of series `index`. */
export function chooseSeriesColor({ series }: FigureTheme, index: number): string {
  return series[index % series.length]!;
}
