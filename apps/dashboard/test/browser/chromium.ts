import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { findOnPath } from '@gradsmith/testing';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
];
/**
 * A name for this machine that, unlike localhost, browsers do not trust over plain HTTP: what is for secure contexts
 * only is not there.
 */
export const LAN_NAME = 'gradsmith.lan';
const PATIENCE_MS = 60_000;

/** The browser's program on this machine, or null where there is none. */
export const chromium =
  ['chromium', 'chromium-browser', 'google-chrome']
    .map((name) => findOnPath(name, process.env.PATH ?? ''))
    .find((path) => path !== null) ?? null;

interface Size {
  width: number;
  height: number;
  dark?: boolean;
}

/** A page in a real Chromium, driven by its debugging protocol (https://chromedevtools.github.io/devtools-protocol/). */
export class BrowserPage {
  /** What the page's scripts have complained of: exceptions, refused resources, console errors. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #close: () => Promise<void>;
  readonly #waiting = new Map<number, (message: Reply) => void>();
  #sent = 0;

  private constructor(socket: WebSocket, close: () => Promise<void>) {
    this.#socket = socket;
    this.#close = close;
    socket.addEventListener('message', ({ data }) => this.#hear(JSON.parse(String(data)) as Reply));
  }

  /** Starts a browser with a profile of its own and one empty page. Throws where it does not start. */
  static async open(): Promise<BrowserPage> {
    if (chromium === null) throw new Error('no Chromium on the PATH; on Debian: apt-get install chromium');
    const profile = mkdtempSync(join(tmpdir(), 'gradsmith-chromium-'));
    const child = spawn(
      chromium,
      [...FLAGS, `--host-resolver-rules=MAP ${LAN_NAME} 127.0.0.1`, `--user-data-dir=${profile}`, 'about:blank'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const close = async (): Promise<void> => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      const port = await new Promise<string>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('Chromium did not start')), PATIENCE_MS);
        createInterface(child.stderr)
          .on('line', (line) => {
            const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line)?.[1];
            if (found) resolve(found);
          })
          .on('close', () => reject(new Error('Chromium ended at once')));
        child.once('exit', () => clearTimeout(timer));
      });
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        type: string;
        webSocketDebuggerUrl: string;
      }[];
      const socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
      await once(socket, 'open');
      const page = new BrowserPage(socket, close);
      for (const domain of ['Page', 'Runtime', 'Log']) await page.send(`${domain}.enable`);
      return page;
    } catch (error) {
      await close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#close();
  }

  async resize({ width, height, dark = false }: Size): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
  }

  async visit(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
  }

  /** The value of an expression in the page; it must be plain data. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value: T }).value;
  }

  /** Waits until the expression is true in the page. Throws with the page's text where it does not become so. */
  async until(expression: string): Promise<void> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(50)) {
      // While a page is being loaded there is nothing to ask.
      if (await this.evaluate<boolean>(`Boolean(${expression})`).catch(() => false)) return;
    }
    throw new Error(
      `never became true: ${expression}\n${(await this.evaluate<string>('document.body.innerText')).slice(0, 2000)}`,
    );
  }

  /** Presses and releases a key, such as Tab, Enter or Escape. */
  async press(key: string): Promise<void> {
    const text = key === 'Enter' ? '\r' : undefined;
    const codes: Record<string, number> = { Tab: 9, Enter: 13, Escape: 27 };
    const event = { key, code: key, windowsVirtualKeyCode: codes[key], ...(text ? { text } : {}) };
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** A picture of the whole page, or of what is seen of it, as PNG. */
  async picture(whole = true): Promise<Buffer> {
    const { data } = await this.send('Page.captureScreenshot', {
      format: 'png',
      captureBeyondViewport: whole,
      ...(whole ? await this.#wholeClip() : {}),
    });
    return Buffer.from(data as string, 'base64');
  }

  /** Calls a method of the protocol. Throws with its error. */
  async send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = (this.#sent += 1);
    const { result, error } = await new Promise<Reply>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    if (error) throw new Error(`${method}: ${error.message}`);
    return result!;
  }

  async #wholeClip(): Promise<{ clip: object }> {
    const { cssContentSize } = (await this.send('Page.getLayoutMetrics')) as {
      cssContentSize: { width: number; height: number };
    };
    return { clip: { x: 0, y: 0, width: cssContentSize.width, height: cssContentSize.height, scale: 1 } };
  }

  #hear(message: Reply): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    } else if (
      message.method === 'Runtime.exceptionThrown' ||
      (message.method === 'Log.entryAdded' && message.params?.entry?.level === 'error')
    ) {
      this.complaints.push(JSON.stringify(message.params));
    }
  }
}

interface Reply {
  id?: number;
  method?: string;
  params?: { entry?: { level?: string } };
  result?: Record<string, unknown>;
  error?: { message: string };
}
