import { isDumb } from '../env.ts';
import { Dashboard } from './dashboard.ts';
import { Events } from './events.ts';
import { Lines } from './lines.ts';
import type { View } from './view.ts';

/** Returns JSON events with `--json`, the dashboard on a terminal that can draw in place, and plain lines otherwise. */
export function chooseView({
  json,
  plain,
  footer,
}: {
  json?: boolean | undefined;
  plain?: boolean | undefined;
  footer: string;
}): View {
  if (json) return new Events();
  return process.stdout.isTTY && !plain && !isDumb ? new Dashboard(process.stdout, footer) : new Lines();
}
