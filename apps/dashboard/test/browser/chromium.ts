import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '@gradsmith/testing';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A name for this machine that browsers do not trust over plain HTTP, unlike localhost: features that need a secure
 * context are absent.
 */
export const LAN_NAME = 'gradsmith.lan';
const TIMEOUT_MS = 20_000;

/** Path of the system's Chromium, or null if there is none. */
const chromiumPath =
  ['chromium', 'chromium-browser', 'google-chrome']
    .map((name) => findOnPath(name, process.env.PATH ?? ''))
    .find((path) => path !== null) ?? null;

export interface TestBrowser {
  readonly page: Page;
  /** Exceptions, refused resources and console errors of the page. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Starts the system's Chromium with a new profile and one empty page. */
export async function openBrowser(): Promise<TestBrowser> {
  if (chromiumPath === null) throw new Error('no Chromium on the PATH; on Debian: apt-get install chromium');
  const profile = mkdtempSync(join(tmpdir(), 'gradsmith-chromium-'));
  const removeProfile = (): void => rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      args: [...FLAGS, `--host-resolver-rules=MAP ${LAN_NAME} 127.0.0.1`],
      timeout: TIMEOUT_MS,
    });
  } catch (error) {
    removeProfile();
    throw error;
  }
  context.setDefaultTimeout(TIMEOUT_MS);
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const close = async (): Promise<void> => {
    await context.close();
    removeProfile();
  };
  return { page, complaints, close };
}

/** Emulates a screen of this size, in light or dark mode. */
export async function setScreen(page: Page, width: number, scheme: 'light' | 'dark' = 'light'): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  await page.emulateMedia({ colorScheme: scheme });
}
