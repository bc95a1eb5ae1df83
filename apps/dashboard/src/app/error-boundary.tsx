import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

/** Shows what went wrong instead of an empty page, for example when a part of the page could not be loaded. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert" className="message">
        <p>This page could not be shown: {error.message}</p>
        <Button variant="default" onClick={() => location.reload()}>
          Load again
        </Button>
      </div>
    );
  }
}
