import type { EnqueuedResource } from '@gradsmith/contract';
import { describeIdle } from '../hosts/describe-idle.ts';
import type { Host } from '../hosts/host.ts';
import { print, printJson } from '../output.ts';

/** What `--json` prints of an enqueued point. */
export const ENQUEUED = '{key, added, trial, ahead}';

/** Prints when an enqueued point is tried. */
export async function printEnqueued(
  host: Host,
  id: string,
  enqueued: EnqueuedResource,
  json: boolean | undefined,
): Promise<void> {
  if (json) return printJson(enqueued);
  const { trial, ahead, added } = enqueued;
  if (trial !== null) return print(`the point is trial ${trial} of job ${id}`);
  const before = ahead ? `after ${ahead} enqueued before it` : 'next';
  print(`the point ${added ? 'is enqueued' : 'was enqueued already'} in job ${id}; it is tried ${before}`);
  const status = await host.status(id);
  const idle = host.isLocal ? describeIdle(host, status, await host.spec(id)) : null;
  if (idle !== null) print(idle);
}
