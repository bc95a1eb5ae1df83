import type { Locator, Page, Request } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { startApi, startService, type TestApi } from '../../../api/test/support.ts';
import { openBrowser, setScreen, type TestBrowser } from './chromium.ts';

export const TIMEOUT_MS = 120_000;

type Settings = NonNullable<Parameters<typeof startApi>[0]>;

export interface Dashboard {
  readonly page: Page;
  /** Exceptions, refused resources and console errors since the test began. */
  readonly complaints: string[];
  /** Starts an API with a coordinator that serves the page. */
  start(settings?: Settings): Promise<TestApi & { readonly url: string }>;
  /** Starts an API whose jobs nobody advances. */
  startIdle(settings?: Settings): Promise<TestApi & { readonly url: string }>;
  /** Opens a place of the page, such as `/jobs/ID`. */
  open(url: string, place?: string): Promise<void>;
  /** Waits for an element that contains the text. */
  see(selector: string, text?: string | RegExp): Promise<Locator>;
}

/** Opens one browser for the tests of a file, and an empty page on a wide screen for each. */
export function useDashboard(): Dashboard {
  let browser: TestBrowser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, TIMEOUT_MS);
  afterAll(async () => browser?.close(), TIMEOUT_MS);
  beforeEach(async () => {
    await browser.page.unrouteAll({ behavior: 'ignoreErrors' });
    await browser.page.goto('about:blank');
    await setScreen(browser.page, 1280);
    browser.complaints.length = 0;
  });
  afterEach(() => {
    expect(browser.complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
  });
  const serve = async (api: TestApi): Promise<TestApi & { url: string }> => ({ ...api, url: await listen(api.app) });
  const withPage = (settings: Settings = {}): Settings => ({ dashboard: inject('dashboard'), ...settings });
  return {
    get page() {
      return browser.page;
    },
    get complaints() {
      return browser.complaints;
    },
    start: async (settings) => serve(await startService(withPage(settings))),
    startIdle: async (settings) => serve(await startApi(withPage(settings))),
    open: async (url, place = '/') => {
      await browser.page.goto(`${url}/#${place}`);
    },
    see: async (selector, text = '') => {
      const found = browser.page.locator(selector, { hasText: text }).first();
      await found.waitFor();
      return found;
    },
  };
}

/** Starts to listen and returns the address of the service. */
export async function listen(app: TestApi['app']): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** Counts the requests of the page to addresses of the API that match, from now on. */
export function countRequests(page: Page, pattern: RegExp): { readonly seen: string[] } {
  const seen: string[] = [];
  page.on('request', (request: Request) => {
    if (pattern.test(request.url())) seen.push(request.url());
  });
  return { seen };
}
