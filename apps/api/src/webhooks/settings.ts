import { readFileSync } from 'node:fs';
import { InvalidInput } from '@gradsmith/core/domain';
import { TargetGuard } from './guard.ts';
import type { WebhookSettings } from './notifier.ts';
import { createSigner } from './sign.ts';

/**
 * Returns the settings, or null without a secret.
 *
 * @param allow address ranges in CIDR notation, separated by commas
 * @throws InvalidInput for a secret that cannot be read or is not valid, and for an invalid range
 */
export function readWebhookSettings(secretFile: string | undefined, allow = ''): WebhookSettings | null {
  if (!secretFile) return null;
  const ranges = allow.split(',').map((range) => range.trim());
  return { signer: createSigner(readSecret(secretFile)), guard: new TargetGuard(ranges.filter(Boolean)) };
}

function readSecret(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const message = `cannot be read: ${(error as Error).message}`;
    throw new InvalidInput([{ path: [], message }], 'the webhook secret');
  }
}
