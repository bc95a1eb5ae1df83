import { listImplicitRates, rankCompleteTrials, type ReportData } from '@gradsmith/charts';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useApi } from '../app/context.ts';
import { keys } from '../data/keys.ts';
import { useSpec } from '../data/use-job.ts';
import { Figure } from './figure.tsx';

/** The b-functions of the best trial with their learning rates and their inputs. Nothing before a trial is complete. */
export function BestRates({ data }: { readonly data: ReportData }): React.JSX.Element {
  const api = useApi();
  const { jobId } = data;
  const spec = useSpec(jobId).data?.spec;
  const best = useMemo(() => rankCompleteTrials(data)[0]?.number, [data]);
  const { data: trial } = useQuery({
    // The page reads this trial for its curve, too.
    queryKey: keys.trial(jobId, String(best)),
    queryFn: ({ signal }) => api.trial(jobId, String(best), signal),
    staleTime: Infinity,
    enabled: best !== undefined && data.bFunctions.length > 0,
  });
  const rates = useMemo(() => {
    if (!spec || !trial || trial.number === null) return [];
    const { number, point, metrics, preActivations } = trial;
    return listImplicitRates(spec, { number, point, metrics, preActivations });
  }, [spec, trial]);
  return (
    <>
      {rates.map((rate) => (
        <Figure
          key={rate.layer}
          title={`The best b-function of ${rate.layer}, its learning rate and its inputs`}
          data={rate}
          kind="implicit-rate"
        />
      ))}
    </>
  );
}
