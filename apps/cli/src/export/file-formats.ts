/** Formats of an export that are one file. */
export const fileFormats = ['json', 'jsonl', 'csv', 'parquet', 'optuna'] as const;
export type FileFormat = (typeof fileFormats)[number];
