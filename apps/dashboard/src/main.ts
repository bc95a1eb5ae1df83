import './no-code-from-strings.ts';
import { Api } from './api.ts';
import { start } from './app.ts';

const KEY = 'gradsmith-key';

// The page is served by the service it talks to. A key, where the service wants one, lives as long as the tab.
start(new Api('', () => sessionStorage.getItem(KEY)), (key) => sessionStorage.setItem(KEY, key));
