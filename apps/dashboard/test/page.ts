import { Gradsmith } from '@gradsmith/client';
import { Window } from 'happy-dom';
import { onTestFinished } from 'vitest';
import type { TestApi } from '../../api/test/support.ts';
import { start } from '../src/app.ts';

const globals = ['window', 'document', 'location', 'sessionStorage', 'HTMLElement', 'Node', 'confirm'] as const;

/** Makes a document like the page's, without its scripts, the global one until the test has finished. */
export function openWindow(hash = '#/'): Window {
  const window = new Window({ url: `http://localhost/${hash}` });
  window.document.body.innerHTML = '<span id="workers"></span><div id="message"></div><main id="page"></main>';
  const before = globals.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  const values: Record<string, unknown> = { window, confirm: () => true };
  for (const name of globals)
    Object.defineProperty(globalThis, name, {
      configurable: true,
      writable: true,
      value: values[name] ?? window[name as 'document'],
    });
  onTestFinished(async () => {
    await window.happyDOM.abort();
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
  return window;
}

/** Starts to listen and returns the address of the service. */
export async function listen(app: TestApi['app']): Promise<string> {
  return app.listen({ host: '127.0.0.1', port: 0 });
}

export interface OpenPage {
  readonly window: Window;
  readonly api: Gradsmith;
  /** Resolves to the first element that matches the selector and contains the text. */
  see(selector: string, text?: string): Promise<HTMLElement>;
  visit(hash: string): void;
}

/** Opens the page, which uses the service over HTTP. */
export async function openPage(app: TestApi['app'], hash = '#/', timeoutMs = 30_000): Promise<OpenPage> {
  const base = await listen(app);
  const window = openWindow(hash);
  let key: string | null = null;
  const api = new Gradsmith({ url: base, key: () => key, retryForMs: 0, timeoutMs });
  const close = start(api, (entered) => (key = entered));
  onTestFinished(close);
  const see = async (selector: string, text = ''): Promise<HTMLElement> => {
    for (let waited = 0; waited < 10_000; waited += 20) {
      const found = Array.from(document.querySelectorAll<HTMLElement>(selector)).find((element) =>
        element.textContent.includes(text),
      );
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no ${selector} with '${text}' on the page:\n${document.body.textContent.slice(0, 2000)}`);
  };
  return { window, api, see, visit: (to) => (window.location.hash = to) };
}
