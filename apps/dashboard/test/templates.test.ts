import { checkJobText, describeFinding } from '@gradsmith/contract/job-text';
import { expect, test } from 'vitest';
import { templates } from '../src/new-job/templates.ts';

test.each(templates.map(({ name, text }) => [name, text]))('the template "%s" is a valid job', (_name, text) => {
  expect(checkJobText(text).findings.map((finding) => describeFinding(text, finding))).toEqual([]);
});
