import { CorruptRecord, GradsmithError, LedgerUnavailable } from '@gradsmith/core/domain';

/**
 * This Redis must not hold a ledger; the message says which setting is wrong and how to put it right. At a start it is
 * a fault of the set-up. Later it is an outage like others: whoever holds a result waits until it is put right.
 */
export class UnfitRedis extends LedgerUnavailable {
  override readonly code = 'unfit-redis';
}

/**
 * Replies by which Redis says that it cannot serve or write now: out of memory, disk trouble, a replica, still loading,
 * busy in a script, access denied, or part of a cluster. EXECABORT wraps one of them.
 */
const refusals = new RegExp(
  '^(OOM|MISCONF|READONLY|LOADING|BUSY|NOAUTH|WRONGPASS|NOPERM|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|MOVED|TRYAGAIN|' +
    'EXECABORT|ERR max number of clients)\\b',
);

/**
 * What a failed command means to the ledger's callers. Everything that is not a bug of this package or a damaged key is
 * LedgerUnavailable: the command may or may not have been carried out, and the verb can be repeated.
 */
export function toLedgerError(error: unknown): Error {
  if (error instanceof GradsmithError) return error;
  if (!(error instanceof Error)) return new Error(String(error));
  if (error.name === 'ReplyError' && !refusals.test(error.message)) {
    return error.message.startsWith('WRONGTYPE')
      ? new CorruptRecord(
          `a key of the ledger holds another type than it should (${error.message}); is the prefix ` +
            `shared with another program?`,
        )
      : error;
  }
  const reason =
    error.name === 'MaxRetriesPerRequestError'
      ? 'the connection broke before the reply came'
      : error.message || error.name;
  return new LedgerUnavailable(`Redis does not serve the ledger now: ${reason}`, { cause: error });
}
