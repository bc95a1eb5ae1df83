import { useQueryClient, type Query, type QueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useSyncExternalStore } from 'react';
import { describeError, isUnknown, wantsKey } from '../parts/describe-error.ts';
import { formatDuration } from '../parts/format.ts';
import { useActionError } from './action-errors.tsx';
import { KeyForm } from './key-form.tsx';
import { getRetryPause } from './query-client.ts';

/** Shows what could not be read, the failure of the user's last action, and the form for a key if one is required. */
export function Messages(): React.JSX.Element {
  const failures = useReadFailures();
  const actionError = useActionError();
  const needsKey = wantsKey(actionError) || failures.includes(NEEDS_KEY);
  return (
    <div id="message" role="status" aria-live="polite">
      {needsKey && <KeyForm />}
      {failures
        .filter((text) => text !== NEEDS_KEY)
        .map((text) => (
          <p className="message" key={text}>
            {text}
          </p>
        ))}
      {actionError !== null && !wantsKey(actionError) && <p className="message">{describeError(actionError)}</p>}
    </div>
  );
}

const NEEDS_KEY = 'the service requires a key';

/** Returns a text for each different failure of a read that the page needs now. */
function useReadFailures(): readonly string[] {
  const client = useQueryClient();
  const last = useRef<readonly string[]>([]);
  const subscribe = useCallback(
    (onChange: () => void) => client.getQueryCache().subscribe(() => queueMicrotask(onChange)),
    [client],
  );
  return useSyncExternalStore(subscribe, () => {
    const texts = listFailures(client);
    if (texts.join('\n') !== last.current.join('\n')) last.current = texts;
    return last.current;
  });
}

function listFailures(client: QueryClient): string[] {
  const queries = client.getQueryCache().findAll({ type: 'active' });
  return [...new Set(queries.map(describeFailure).filter((text) => text !== null))];
}

/** Returns null for a read that did not fail, and for one whose page says that there is no such thing. */
function describeFailure({ state }: Query): string | null {
  const error = state.error ?? state.fetchFailureReason;
  if (!error || isUnknown(error)) return null;
  if (wantsKey(error)) return NEEDS_KEY;
  const text = describeError(error);
  if (state.fetchStatus === 'idle' || state.fetchFailureCount === 0) return text;
  return `${text}; trying again in ${formatDuration(getRetryPause(state.fetchFailureCount - 1))}`;
}
