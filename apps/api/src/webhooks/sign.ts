import { InvalidInput } from '@gradsmith/core/domain';
import { Webhook } from 'standardwebhooks';

/** The prefix of a secret in the form of the Standard Webhooks specification: base64 follows. */
const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;

/** Signs notifications by the Standard Webhooks specification. */
export interface Signer {
  /** Returns the header `webhook-signature`: a signature with each secret, separated by spaces. */
  sign(id: string, at: Date, body: string): string;
}

/**
 * Returns a signer. A line of `secrets` is one secret. With two, receivers accept either, so that a secret can be
 * replaced without a gap. The key is the decoded `whsec_…` secret, or the bytes of any other text.
 *
 * @throws InvalidInput for a key that is too short or a `whsec_…` secret that is not base64
 */
export function createSigner(secrets: string): Signer {
  const lines = secrets.split(/\r?\n/).map((line) => line.trim());
  const webhooks = lines.filter((line, i) => i === 0 || line).map(createWebhook);
  return { sign: (id, at, body) => webhooks.map((webhook) => webhook.sign(id, at, body)).join(' ') };
}

function createWebhook(secret: string): Webhook {
  const key = secret.startsWith(PREFIX) ? decodeBase64(secret.slice(PREFIX.length)) : Buffer.from(secret);
  if (key.length < MIN_KEY_BYTES) throw invalidSecret(`must have at least ${MIN_KEY_BYTES} bytes`);
  return new Webhook(key, { format: 'raw' });
}

function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const unpadded = text.replace(/=+$/, '');
  if (bytes.toString('base64').replace(/=+$/, '') === unpadded) return bytes;
  throw invalidSecret(`must be base64 after ${PREFIX}`);
}

function invalidSecret(message: string): InvalidInput {
  return new InvalidInput([{ path: [], message }], 'the webhook secret');
}
