import './no-code-from-strings.ts';
import { Gradsmith } from '@gradsmith/client';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { Session } from './app/session.ts';
import './styles/index.css';

const session = new Session();
// The page is served by the service it talks to. It repeats calls itself and shows each failure, so the client does not.
const api = new Gradsmith({ url: '', key: () => session.key, retryForMs: 0 });
createRoot(document.querySelector('#root')!).render(<App api={api} session={session} />);
