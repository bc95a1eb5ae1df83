/** Returns the command that creates a job with curl. */
export function formatCurl(address: string, job: unknown, hasKey: boolean): string {
  const lines = [
    `curl ${address}/v1/jobs \\`,
    "  --header 'Content-Type: application/json' \\",
    ...(hasKey ? ['  --header "Authorization: Bearer $GRADSMITH_API_KEY" \\'] : []),
    "  --data-binary @- <<'JSON'",
    JSON.stringify(job, null, 2),
    'JSON',
  ];
  return lines.join('\n');
}

/** Returns the program that creates a job with the Python package. It reads a key from GRADSMITH_API_KEY. */
export function formatPython(address: string, job: unknown): string {
  return `import gradsmith

client = gradsmith.Client(${JSON.stringify(address)})
study = client.create_job(${formatPythonValue(job, '')})
`;
}

function formatPythonValue(value: unknown, indent: string): string {
  const inner = `${indent}    `;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => formatPythonValue(item, inner))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${formatPythonValue(item, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  const line = `${open}${items.join(', ')}${close}`;
  if (line.length <= 80 && !line.includes('\n')) return line;
  return `${open}\n${items.map((item) => `${inner}${item},`).join('\n')}\n${indent}${close}`;
}
