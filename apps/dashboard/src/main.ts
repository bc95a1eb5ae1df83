import './no-code-from-strings.ts';
import { Gradsmith } from '@gradsmith/client';
import { start } from './app.ts';

const KEY = 'gradsmith-key';

// The page is served by the service it talks to. An API key, if the service requires one, lives as long as the tab.
// The page polls with increasing pauses and shows each failure, so the client does not repeat calls.
const client = new Gradsmith({ url: '', key: () => sessionStorage.getItem(KEY), retryForMs: 0 });
start(client, (key) => sessionStorage.setItem(KEY, key));
