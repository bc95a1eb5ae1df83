import { readFileSync } from 'node:fs';
import { InvalidInput } from '@gradsmith/core/domain';
import { TargetGuard } from './guard.ts';
import type { WebhookSettings } from './notifier.ts';

const MIN_SECRET = 24;

/** Throws InvalidInput for a secret that cannot be read or is guessed too easily, and for ranges that are none. */
export function readWebhookSettings(secretFile: string | undefined, allow = ''): WebhookSettings | null {
  if (!secretFile) return null;
  let secret: string;
  try {
    secret = readFileSync(secretFile, 'utf8').trim();
  } catch (error) {
    throw new InvalidInput(
      [{ path: [], message: `cannot be read: ${(error as Error).message}` }],
      'the webhook secret',
    );
  }
  if (secret.length < MIN_SECRET)
    throw new InvalidInput(
      [{ path: [], message: `must have ${MIN_SECRET} characters at least` }],
      'the webhook secret',
    );
  return {
    secret,
    guard: new TargetGuard(
      allow
        .split(',')
        .map((range) => range.trim())
        .filter(Boolean),
    ),
  };
}
