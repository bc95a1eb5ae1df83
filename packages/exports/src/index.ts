export { describeExportedJob, type ExportedJob } from './exported-job.ts';
export { formatOptunaJournal } from './format-optuna-journal.ts';
export { formatParquet } from './format-parquet.ts';
export { curveColumns, listTrialColumns, toTrialRow } from './trial-rows.ts';
export { exportToMlflow, type MlflowSummary } from './mlflow/export-to-mlflow.ts';
export { MlflowClient, MlflowRefused, MlflowUnreachable } from './mlflow/mlflow-client.ts';
export { encodeExperimentEvents, encodeTrialEvents, eventFileName } from './tensorboard/encode-events.ts';
