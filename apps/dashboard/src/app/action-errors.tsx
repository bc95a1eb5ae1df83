import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';

interface ActionError {
  readonly error: unknown;
  readonly setError: (error: unknown) => void;
}

const ActionErrorContext = createContext<ActionError>({ error: null, setError: () => {} });

/** Keeps the failure of the user's last action until the next action, or until another page is opened. */
export function ActionErrors({ children }: { readonly children: ReactNode }): React.JSX.Element {
  const [error, setError] = useState<unknown>(null);
  const { pathname } = useLocation();
  useEffect(() => setError(null), [pathname]);
  const value = useMemo(() => ({ error, setError }), [error]);
  return <ActionErrorContext value={value}>{children}</ActionErrorContext>;
}

export function useActionError(): unknown {
  return useContext(ActionErrorContext).error;
}

/** Returns a function that runs an action of the user, and whether one runs. A failure is shown at the top. */
export function useAction(): { readonly run: (action: () => Promise<unknown>) => Promise<boolean>; isBusy: boolean } {
  const { setError } = useContext(ActionErrorContext);
  const [isBusy, setBusy] = useState(false);
  const run = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setError(null);
    try {
      await action();
      return true;
    } catch (error) {
      setError(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { run, isBusy };
}
