import type { Gradsmith } from '@gradsmith/client';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { HashRouter, Route, Routes, useLocation, useParams } from 'react-router';
import { prefetchJob } from '../data/use-job.ts';
import { JobsPage } from '../jobs/jobs-page.tsx';
import { NotFound } from '../parts/not-found.tsx';
import { ActionErrors } from './action-errors.tsx';
import { ServiceContext, useApi } from './context.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { createQueryClient } from './query-client.ts';
import type { Session } from './session.ts';
import { Shell } from './shell.tsx';

// Everything but the first page is loaded when it is opened.
const JobPage = lazy(() => import('../job/job-page.tsx'));
const TrialPage = lazy(() => import('../trial/trial-page.tsx'));
const NewJobPage = lazy(() => import('../new-job/new-job-page.tsx'));
const WorkersPage = lazy(() => import('../workers/workers-page.tsx'));
const ComparePage = lazy(() => import('../compare/compare-page.tsx'));

interface AppProps {
  readonly api: Gradsmith;
  readonly session: Session;
}

/** The whole page. Places are in the fragment of the address, so that any server can serve it under any path. */
export function App({ api, session }: AppProps): React.JSX.Element {
  const [client] = useState(createQueryClient);
  const [service] = useState(() => ({ api, session }));
  return (
    // Both would need inline style sheets; `styles/theme.css` has what they would contain.
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={client}>
        <ServiceContext value={service}>
          {/* As a transition, a page that is being loaded would leave the last one there, as if nothing happened. */}
          <HashRouter useTransitions={false}>
            <ActionErrors>
              <Shell>
                <PlacedBoundary>
                  <Suspense fallback={<p className="soft">Reading…</p>}>
                    <Routes>
                      <Route index element={<JobsPage />} />
                      <Route path="jobs" element={<JobsPage />} />
                      <Route path="jobs/:id/trials/:trial" element={<TrialPage />} />
                      <Route
                        path="jobs/:id/:tab?"
                        element={
                          <Suspense fallback={<ReadingJob />}>
                            <JobPage />
                          </Suspense>
                        }
                      />
                      <Route path="compare" element={<ComparePage />} />
                      <Route path="new" element={<NewJobPage />} />
                      <Route path="workers" element={<WorkersPage />} />
                      <Route path="*" element={<NotFound what="page" />} />
                    </Routes>
                  </Suspense>
                </PlacedBoundary>
              </Shell>
            </ActionErrors>
          </HashRouter>
        </ServiceContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}

/** Is shown while the code of a job's page is loaded, and reads the job's data at the same time. */
function ReadingJob(): React.JSX.Element {
  const api = useApi();
  const client = useQueryClient();
  const { id } = useParams();
  useEffect(() => void prefetchJob(api, client, id!), [api, client, id]);
  return <p className="soft">Reading…</p>;
}

function PlacedBoundary({ children }: { readonly children: ReactNode }): React.JSX.Element {
  return <ErrorBoundary place={useLocation().pathname}>{children}</ErrorBoundary>;
}
