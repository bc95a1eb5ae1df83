import { GradsmithError, InvalidInput } from '@gradsmith/core/domain';
import { type JobSpec } from '@gradsmith/core/spec';
import type { WebhookSettings } from '../webhooks/notifier.ts';

/** Throws InvalidInput for webhooks that this service cannot or must not send. `spec` has passed `parseJob`. */
export function refuseWebhooks({ webhooks = [] }: JobSpec, settings: WebhookSettings | null): void {
  if (webhooks.length && !settings)
    throw new InvalidInput([
      {
        path: ['webhooks'],
        message: 'this service signs no webhooks; its operator has to set GRADSMITH_WEBHOOK_SECRET_FILE',
      },
    ]);
  for (const [i, { url }] of webhooks.entries()) {
    try {
      settings!.guard.checkUrl(url);
    } catch (error) {
      if (!(error instanceof GradsmithError)) throw error;
      throw new InvalidInput([{ path: ['webhooks', i, 'url'], message: error.message }]);
    }
  }
}
