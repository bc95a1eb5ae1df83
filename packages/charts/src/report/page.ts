import { type Markup, element, text, trusted } from '../text/markup.ts';
import { html } from './html.ts';
import { PAGE_STYLE } from './style.ts';

/** Renders a page that needs nothing else and runs no scripts. */
export function renderPage(title: string, content: readonly Markup[]): string {
  const head = html('head', {}, [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    html('title', {}, [text(`${title}: Gradsmith report`)]),
    html('style', {}, [trusted(PAGE_STYLE)]),
  ]);
  const body = html('body', {}, [html('main', {}, content)]);
  return `<!doctype html>\n${html('html', { lang: 'en' }, [head, body])}\n`;
}
