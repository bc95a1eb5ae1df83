/** What an operator can set about the service; `env.ts` says which variable sets what. */
export interface ApiSettings {
  /** Floating-point operations one trial may cost: a more expensive job is refused before anything is stored. */
  maxTrialFlops: number;
}

export const defaultSettings: ApiSettings = {
  // A day of a 1 teraflop/s trainer.
  maxTrialFlops: 1e17,
};
