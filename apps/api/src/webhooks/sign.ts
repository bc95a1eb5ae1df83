import { InvalidInput } from '@gradsmith/core/domain';
import { Webhook } from 'standardwebhooks';

/** The prefix of a secret in the form of the Standard Webhooks specification: base64 follows. */
const PREFIX = 'whsec_';
const MIN_KEY_BYTES = 24;

/** The start of a line with a secret for one receiver: its host name. The secret follows. */
const RECEIVER = /^host=(\S+)\s+/;

/** Signs notifications by the Standard Webhooks specification. */
export interface Signer {
  /** Returns the header `webhook-signature` for a receiver: a signature with each secret, separated by spaces. */
  sign(url: string, id: string, at: Date, body: string): string;
}

/**
 * Returns a signer. A line of `secrets` is one secret. With two, receivers accept either, so that a secret can be
 * replaced without a gap. The key is the decoded `whsec_…` secret, or the bytes of any other text. A line that starts
 * with `host=NAME ` is a secret of that receiver alone, and only such secrets sign what it gets: it cannot forge
 * notifications to others.
 *
 * @throws InvalidInput for a key that is too short, a `whsec_…` secret that is not base64, and if no line is for
 *   receivers without their own secret
 */
export function createSigner(secrets: string): Signer {
  const lines = secrets.split(/\r?\n/).map((line) => line.trim());
  const parsed = lines
    .filter((line, i) => i === 0 || line)
    .map((line) => ({
      host: RECEIVER.exec(line)?.[1]!.toLowerCase() ?? null,
      webhook: createWebhook(line.replace(RECEIVER, '')),
    }));
  const byHost = Map.groupBy(parsed, ({ host }) => host);
  if (!byHost.has(null)) throw invalidSecret('must be there for receivers without their own line host=NAME');
  return {
    sign: (url, id, at, body) => {
      const own = byHost.get(new URL(url).hostname) ?? byHost.get(null)!;
      return own.map(({ webhook }) => webhook.sign(id, at, body)).join(' ');
    },
  };
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
