import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  /** Where the user is. Another place gets another try. */
  readonly place: string;
  readonly children: ReactNode;
}

/** Shows what went wrong instead of an empty page, for example when a part of the page could not be loaded. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override componentDidUpdate({ place }: ErrorBoundaryProps): void {
    if (place !== this.props.place && this.state.error) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert" className="message">
        <p>{describeFailure(error)}</p>
        <Button variant="default" onClick={() => location.reload()}>
          Load again
        </Button>
      </div>
    );
  }
}

/** The files of a page have other names after an upgrade of the service. */
function describeFailure({ message }: Error): string {
  return /import(ed|ing)? .*module|module script/i.test(message)
    ? 'A part of the page could not be loaded. The service was upgraded since the page was opened, or does not answer.'
    : `This page could not be shown: ${message}`;
}
