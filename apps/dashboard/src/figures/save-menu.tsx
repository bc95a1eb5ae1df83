import { createFigure, formatCsv, themes, type FigureData, type FigureKind, type FigureTheme } from '@gradsmith/charts';
import { Button, Popover, Stack } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../app/action-errors.tsx';
import { saveFile } from '../parts/save-file.ts';
import { useFileName } from './file-prefix.ts';
import { loadRender } from './use-render.ts';

/** Width of a saved figure, and of a column of a paper, px at 96 per inch. */
const WIDTH = 720;
const COLUMN = 336;
/** Pixels of a picture for each CSS px. */
const DENSITY = 3;

interface SaveMenuProps<Kind extends FigureKind> {
  readonly title: string;
  readonly kind: Kind;
  readonly data: FigureData[Kind];
}

/** Saves a figure as a file: for a page, for a paper, as a picture, or as its values. */
export function SaveMenu<Kind extends FigureKind>({ title, kind, data }: SaveMenuProps<Kind>): React.JSX.Element {
  const { run } = useAction();
  const name = useFileName(title);
  const [isOpen, setOpen] = useState(false);
  const draw = (width: number, theme: FigureTheme) => createFigure(kind, data, { width, theme });
  const saveSvg = async (width: number, theme: FigureTheme, suffix: string): Promise<void> => {
    const { renderSvg } = await loadRender();
    save(renderSvg(draw(width, theme), { width, id: 'figure' }), 'image/svg+xml', `${name}${suffix}.svg`);
  };
  const savePdf = async (): Promise<void> => {
    const [{ renderSvg }, { renderPdf }] = await Promise.all([loadRender(), import('./render-pdf.ts')]);
    const figure = draw(COLUMN, themes.paper);
    const svg = renderSvg(figure, { width: COLUMN, id: 'figure' });
    saveFile(await renderPdf(svg, { title, width: COLUMN, height: figure.height }), `${name}-paper.pdf`);
  };
  const savePng = async (): Promise<void> => {
    const { initChart } = await loadRender();
    const figure = draw(WIDTH, themes.light);
    const chart = initChart(document.createElement('div'), null, {
      renderer: 'canvas',
      width: WIDTH,
      height: figure.height,
      devicePixelRatio: DENSITY,
    });
    chart.setOption(figure.option);
    const address = chart.getDataURL({ type: 'png', pixelRatio: DENSITY, backgroundColor: themes.light.surface });
    chart.dispose();
    saveFile(readDataUrl(address), `${name}.png`);
  };
  const saveCsv = async (): Promise<void> =>
    save(formatCsv(draw(WIDTH, themes.light).toTable()), 'text/csv', `${name}.csv`);
  const files: readonly (readonly [string, () => Promise<void>])[] = [
    ['SVG', () => saveSvg(WIDTH, themes.light, '')],
    ['SVG for a column of a paper', () => saveSvg(COLUMN, themes.paper, '-paper')],
    ['PDF for a column of a paper', savePdf],
    ['PNG', savePng],
    ['CSV', saveCsv],
  ];
  return (
    <Popover position="bottom-end" trapFocus returnFocus opened={isOpen} onChange={setOpen}>
      <Popover.Target>
        <Button size="compact-xs" variant="default" aria-label={`Save ${title}`} onClick={() => setOpen(!isOpen)}>
          Save
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={`Save ${title}`}>
        <Stack gap="xs">
          {files.map(([format, action]) => (
            <Button
              key={format}
              size="xs"
              variant="default"
              onClick={() => {
                setOpen(false);
                void run(action);
              }}
            >
              {format}
            </Button>
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function save(text: string, type: string, name: string): void {
  saveFile(new Blob([text], { type }), name);
}

/** The policy of the page does not let it fetch a data URL. */
function readDataUrl(address: string): Blob {
  const bytes = Uint8Array.from(atob(address.slice(address.indexOf(',') + 1)), (one) => one.codePointAt(0)!);
  return new Blob([bytes], { type: 'image/png' });
}
