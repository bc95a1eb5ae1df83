import type { Command } from 'commander';
import { print, printJson } from '../output.ts';
import { groups, withExamples, withJson } from './define.ts';

export function addValidate(program: Command): void {
  const command = withJson(
    program
      .command('validate')
      .helpGroup(groups.start)
      .summary('check a job file and show its search space')
      .description(
        'Checks a job file completely, without running anything, and shows what it would search. Each ' +
          'mistake is named with its place and remedy. Some are found only when others are corrected.',
      )
      .argument('<job-file>', 'YAML or JSON'),
    '{file, valid, name, trials, metric, direction, objectives, space}',
  ).action(async (file: string, { json }: { json?: boolean }) => {
    const [
      { describeMeasuredConstraint, getDirection, getMetricName, buildSearchSpace },
      { describeCondition },
      { readJobFile },
    ] = await Promise.all([import('@gradsmith/core/spec'), import('@gradsmith/core/domain'), import('../job-file.ts')]);
    const spec = readJobFile(file);
    const { space, bindings } = buildSearchSpace(spec);
    const parameters = Object.entries(space).map(([name, parameter]) => ({
      name,
      at: Object.hasOwn(bindings, name) ? bindings[name]! : null,
      ...parameter,
    }));
    const metric = getMetricName(spec);
    const goals = spec.objectives ?? [{ metric, goal: getDirection(spec) }];
    if (json)
      return printJson({
        file,
        valid: true,
        name: spec.name,
        trials: spec.search.trials,
        metric,
        direction: getDirection(spec),
        objectives: goals,
        space: parameters,
      });
    const wanted = goals.map((each) => `${each.metric} to ${each.goal}`).join(' and ');
    print(`${file} is a valid job: ${spec.name}, ${spec.search.trials} trials of ${wanted}`);
    for (const { name, type, at, when, ...rest } of parameters) {
      const condition = when === undefined ? '' : `, only when ${describeCondition(when)}`;
      print(`  ${name.padEnd(16)} ${type} ${describeRange(rest)}${at === null ? '' : `, sets ${at}`}${condition}`);
    }
    for (const constraint of spec.constraints ?? [])
      print(
        typeof constraint === 'string'
          ? `  every point: ${constraint}`
          : `  measured: ${describeMeasuredConstraint(constraint)}`,
      );
  });
  withExamples(
    command,
    'gradsmith validate examples/demo.yaml',
    'gradsmith validate examples/two-gaussians.yaml --json',
  );
}

/** Returns `from 0 to 5 (log)`, `from 0 to 1 in steps of 0.1`, `one of gini, entropy` or `0.5`. */
function describeRange(parameter: {
  low?: number;
  high?: number;
  step?: number;
  scale?: string;
  choices?: readonly unknown[];
  value?: unknown;
  operands?: readonly string[];
  functions?: readonly string[];
  maxNodes?: number;
}): string {
  const { low, high, step, scale, choices, value, operands, functions, maxNodes } = parameter;
  if (operands) return `of ${operands.join(', ')} with ${functions?.join(', ')}, up to ${maxNodes} nodes`;
  if (choices) return `one of ${choices.map(describeValue).join(', ')}`;
  if (low === undefined) return describeValue(value);
  return `from ${low} to ${high}${step === undefined ? '' : ` in steps of ${step}`}${scale === 'log' ? ' (log)' : ''}`;
}

/** Returns a value as text; with quotes if it is a text that looks like a number or a truth value. */
function describeValue(value: unknown): string {
  const isAmbiguous = typeof value === 'string' && (value === '' || /^(?:true|false|null|[-+.\d].*)$/.test(value));
  return isAmbiguous ? JSON.stringify(value) : String(value);
}
