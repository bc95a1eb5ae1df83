import { InvalidInput } from '@gradsmith/core/domain';
import { Webhook } from 'standardwebhooks';

/** The prefix of a secret in the form of the Standard Webhooks specification: base64 follows. */
const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;

/**
 * Returns the signer of notifications. Its key is the decoded `whsec_…` secret, or the bytes of any other text.
 *
 * @throws InvalidInput for a key that is too short or a `whsec_…` secret that is not base64
 */
export function createSigner(secret: string): Webhook {
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
