// pnpm docs:write
import { writeFileSync } from 'node:fs';
import { cliDocs } from './cli-docs.ts';
import { jobFileDocs } from './job-file-docs.ts';

const docs = { 'cli.md': cliDocs(), 'job-file.md': jobFileDocs() };
for (const [name, text] of Object.entries(docs)) writeFileSync(new URL(`../../../docs/${name}`, import.meta.url), text);
