/** Colors with enough contrast: Swagger UI's own are too pale, or in its dark theme too dark, to read. */
const styles = `
nav.dashboard { padding: 14px max(20px, calc(50vw - 710px)) 0; font: 15px system-ui, sans-serif; }
nav.dashboard a { color: #1d5fa8; }
html.dark-mode nav.dashboard { background: #1c2022; }
html.dark-mode nav.dashboard a { color: #7db4f0; }
.swagger-ui .info .title small { background: #4b5563; }
.swagger-ui .info .title small.version-stamp { background: #3f6212; }
.swagger-ui .info a, .swagger-ui .info .url, .swagger-ui a.link { color: #1d5fa8; }
.swagger-ui .btn.authorize { border-color: #1a7f4e; color: #1a7f4e; }
.swagger-ui .btn.authorize svg { fill: #1a7f4e; }
.swagger-ui .btn.cancel, .swagger-ui .btn.try-out__btn.cancel { border-color: #b91c1c; color: #b91c1c; }
.swagger-ui .btn.execute { background-color: #1d5fa8; border-color: #1d5fa8; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1d5fa8; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #1a7f4e; }
.swagger-ui .opblock.opblock-put .opblock-summary-method { background: #8a4b00; }
.swagger-ui .opblock.opblock-patch .opblock-summary-method { background: #0f766e; }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #b91c1c; }
.swagger-ui .markdown code, .swagger-ui .renderedMarkdown code { color: #5b0fa6; }
.swagger-ui .response-control-media-type__accept-message,
.swagger-ui .response-control-media-type__accept-message code {
  color: #14532d;
}
.swagger-ui .parameter__in, .swagger-ui .parameter__extension { color: #4b5563; }
.swagger-ui .parameter__name.required::after, .swagger-ui .parameter__name.required span { color: #b91c1c; }
.swagger-ui .microlight span[style*="rgb(211, 99, 99)"] { color: #ffa3a3 !important; }
html.dark-mode .swagger-ui :is(.header-col, .headers th, .examples-select__section-label) { color: #e4e6e6; }
html.dark-mode .swagger-ui .info .url, html.dark-mode .swagger-ui a.link { color: #7db4f0; }
html.dark-mode .swagger-ui .response-control-media-type__accept-message,
html.dark-mode .swagger-ui .response-control-media-type__accept-message code { color: #7ee2a8; }
html.dark-mode .swagger-ui .btn.cancel,
html.dark-mode .swagger-ui .opblock .opblock-section-header .try-out__btn.cancel {
  border-color: #ff9d9d;
  color: #ff9d9d;
}
`;

/**
 * Follows the theme of the dashboard and adds what assistive technology needs and Swagger UI leaves out: names of
 * fields and regions, levels of headings without gaps, examples that scroll by the keyboard, and no link within a
 * button.
 */
const script = `
const levels = { H3: 2, H4: 3, H5: 4 };
const hasText = (label, field) =>
  label.textContent.trim() !== (label.contains(field) ? field.textContent.trim() : '');
const isNamed = (field) =>
  field.hasAttribute('aria-label') || [...(field.labels ?? [])].some((label) => hasText(label, field));
const nameField = (field) => {
  if (field.id === 'servers') return 'Server';
  const parameter = field.closest('tr')?.querySelector('.parameter__name')?.textContent;
  if (parameter) return parameter;
  if (field.matches('.body-param__text')) return 'Request body';
  return field.matches('select') ? 'Choice' : 'Value';
};
const repair = () => {
  for (const link of document.querySelectorAll('button .opblock-summary-path a[href]')) link.removeAttribute('href');
  for (const heading of document.querySelectorAll('.swagger-ui :is(h3, h4, h5):not([aria-level])')) {
    heading.setAttribute('role', 'heading');
    heading.setAttribute('aria-level', String(levels[heading.tagName]));
  }
  for (const field of document.querySelectorAll('.swagger-ui :is(select, textarea, input)'))
    if (!isNamed(field)) field.setAttribute('aria-label', nameField(field));
  for (const example of document.querySelectorAll('.swagger-ui pre.microlight')) example.tabIndex = 0;
  for (const table of document.querySelectorAll('.responses-table[role=region]:not([aria-label])')) {
    const operation = table.closest('.opblock')?.querySelector('.opblock-summary-control')?.textContent;
    table.setAttribute('aria-label', 'Responses of ' + operation);
  }
  const about = document.querySelector('.information-container');
  about?.setAttribute('role', 'region');
  about?.setAttribute('aria-label', 'About this API');
  const servers = document.querySelector('.scheme-container');
  servers?.setAttribute('role', 'region');
  servers?.setAttribute('aria-label', 'Server and authorization');
  document.documentElement.lang ||= 'en';
};
const dark = matchMedia('(prefers-color-scheme: dark)');
const chooseTheme = () => {
  // The key under which the dashboard, of the same origin, keeps the choice of the reader.
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  const isDark = chosen === 'dark' || (chosen !== 'light' && dark.matches);
  document.documentElement.classList.toggle('dark-mode', isDark);
};
chooseTheme();
dark.addEventListener('change', chooseTheme);
addEventListener('storage', chooseTheme);
let isPlanned = false;
new MutationObserver(() => {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    repair();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
`;

/** Adds the way back to the dashboard. */
const linkScript = `
const link = document.createElement('a');
// The service may be below a path of a proxy, and the page is served with and without a slash at its end.
link.href = location.pathname.endsWith('/') ? '../' : './';
link.textContent = '← Dashboard';
const place = document.createElement('nav');
place.className = 'dashboard';
place.setAttribute('aria-label', 'Gradsmith');
place.append(link);
document.body.prepend(place);
`;

/** Makes the API reference accessible in both themes, and links to the dashboard if there is one. */
export function createReferenceTheme(hasDashboard: boolean) {
  const link = { filename: 'dashboard.js', content: linkScript };
  return {
    title: 'Gradsmith API',
    css: [{ filename: 'accessible.css', content: styles }],
    js: [{ filename: 'accessible.js', content: script }, ...(hasDashboard ? [link] : [])],
  };
}
