import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses: the files may be served under any path, next to the API's /v1.
  base: './',
  build: {
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // Every module of the component library has "use client", which means nothing here.
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      // jspdf loads these for what the page does not do; they are not installed.
      external: ['canvg', 'dompurify', 'html2canvas'],
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
});
