import { readFileSync } from 'node:fs';
import { format, type FormatConfig } from 'oxfmt';
import { cliDocs } from './cli-docs.ts';
import { jobFileDocs } from './job-file-docs.ts';
import { settingsDocs } from './settings-docs.ts';

const options = JSON.parse(readFileSync(new URL('../../../.oxfmtrc.json', import.meta.url), 'utf8')) as FormatConfig;

/** Returns the documents that are written from the code, by their name in docs/, formatted as the repository is. */
export async function writtenDocs(): Promise<Record<string, string>> {
  const texts = { 'cli.md': cliDocs(), 'job-file.md': jobFileDocs(), 'settings.md': settingsDocs() };
  const formatted = Object.entries(texts).map(async ([name, text]) => [name, (await format(name, text, options)).code]);
  return Object.fromEntries(await Promise.all(formatted)) as Record<string, string>;
}
