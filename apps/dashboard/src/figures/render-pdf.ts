import tinos from '@expo-google-fonts/tinos/400Regular/Tinos_400Regular.ttf?inline';
import { jsPDF } from 'jspdf';
import { svg2pdf } from 'svg2pdf.js';

/** Points of a PDF for each CSS px. */
const POINTS = 0.75;
/** Its letters are as wide as those of Times New Roman, with which the theme of papers is laid out. */
const FAMILY = 'Tinos';
/** How far the middle of its letters is above their baseline, em: half of the ascent less the descent. */
const MIDDLE = (0.891 - 0.216) / 2;

export interface PdfOptions {
  readonly title: string;
  /** Size of the SVG, px. */
  readonly width: number;
  readonly height: number;
}

/**
 * Turns the SVG of a figure into a PDF of one page in its size, with lines and text. The font is part of the file:
 * publishers ask for it, and the standard fonts of PDF have no Greek letters.
 */
export async function renderPdf(svg: string, { title, width, height }: PdfOptions): Promise<Blob> {
  const size = { width: width * POINTS, height: height * POINTS };
  const pdf = new jsPDF({
    unit: 'pt',
    format: [size.width, size.height],
    orientation: width > height ? 'landscape' : 'portrait',
    compress: true,
    putOnlyUsedFonts: true,
  });
  pdf.setDocumentProperties({ title, creator: 'Gradsmith' });
  pdf.addFileToVFS('Tinos.ttf', tinos.slice(tinos.indexOf(',') + 1));
  for (const style of ['normal', 'bold']) pdf.addFont('Tinos.ttf', FAMILY, style);
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  for (const text of root.querySelectorAll('text')) prepareText(text);
  await svg2pdf(root, pdf, { x: 0, y: 0, ...size });
  return new Blob([correctOrdering(new Uint8Array(pdf.output('arraybuffer')))], { type: 'application/pdf' });
}

/** Gives a text the font of the file. svg2pdf does not know `dominant-baseline`, so the text is moved instead. */
function prepareText(text: SVGTextElement): void {
  text.setAttribute('font-family', FAMILY);
  if (text.getAttribute('dominant-baseline') !== 'central') return;
  text.removeAttribute('dominant-baseline');
  const [y, fontSize] = ['y', 'font-size'].map((name) => Number.parseFloat(text.getAttribute(name) ?? '0'));
  text.setAttribute('y', String(y! + MIDDLE * fontSize!));
}

/**
 * Corrects the character collection of the font: jspdf writes the name of the encoding, which readers complain about.
 * Nothing moves, because positions in the file are part of it.
 */
function correctOrdering(pdf: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [wrong, right] = ['/Ordering (Identity-H)', '/Ordering (Identity)  '];
  const text = new TextDecoder('latin1').decode(pdf);
  for (let at = text.indexOf(wrong); at >= 0; at = text.indexOf(wrong, at + 1))
    pdf.set(new TextEncoder().encode(right), at);
  return pdf;
}
