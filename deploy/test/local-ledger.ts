import { execFile, spawn, type ChildProcess, type ExecFileException } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@gradsmith/testing';
import { waitUntil } from './compose.ts';

const scripts = new URL('../ledger', import.meta.url).pathname;

export interface ExitStatus {
  code: number;
  /** Standard output, then standard error. */
  output: string;
}

/**
 * The ledger image's own scripts and this machine's redis-server; only the places of their volumes and the port are
 * other ones.
 */
export class LocalLedger {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gradsmith-ledger-'));
  #server: ChildProcess | null = null;

  constructor(port: number) {
    this.port = port;
    for (const volume of ['bin', 'secrets/service', 'secrets/worker', 'secrets/ledger', 'data', 'tmp'])
      mkdirSync(this.path(volume), { recursive: true });
    for (const name of readdirSync(scripts)) {
      const text = readFileSync(join(scripts, name), 'utf8')
        .replace(/(?<![\w./$])\/(secrets|data|tmp)(?=[/\s")]|$)/gm, (_, volume: string) => this.path(volume))
        .replace('tls-port 6379', `tls-port ${port}`)
        .replace('-h localhost', `-h localhost -p ${port}`);
      writeFileSync(this.path('bin', name), text, { mode: 0o755 });
    }
  }

  /** One with its secrets made, started. */
  static async start(): Promise<LocalLedger> {
    const ledger = new LocalLedger(await freePort());
    await ledger.run('ledger-secrets');
    await ledger.up();
    return ledger;
  }

  path(...parts: string[]): string {
    return join(this.#folder, ...parts);
  }

  secret(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  async up(): Promise<void> {
    this.#server = spawn('sh', [this.path('bin/ledger-start')], { stdio: 'ignore' });
    await waitUntil('the ledger answers', 20, async () => (await this.run('ledger-cli', ['ping'])).code === 0);
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server || server.exitCode !== null) return;
    server.kill('SIGTERM');
    await once(server, 'exit');
  }

  async end(): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true });
  }

  /** Runs one of the scripts. @param input what it reads from standard input */
  async run(
    script: string,
    args: readonly string[] = [],
    input: Buffer | string = '',
  ): Promise<ExitStatus & { bytes: Buffer }> {
    return runToEnd(
      'sh',
      [this.path('bin', script), ...args],
      { PATH: `${this.path('bin')}:${process.env.PATH}` },
      input,
    );
  }

  /** One command by redis-cli, over TLS. */
  async command(user: string, password: string, ...words: string[]): Promise<string> {
    const { output } = await runToEnd(
      'redis-cli',
      [
        '--no-auth-warning',
        '--tls',
        '--cacert',
        this.path('secrets/service/ca.crt'),
        '-h',
        'localhost',
        '-p',
        String(this.port),
        ...(user ? ['--user', user] : []),
        ...words,
      ],
      { REDISCLI_AUTH: password || undefined },
    );
    return output.trim();
  }
}

async function runToEnd(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input: Buffer | string = '',
): Promise<ExitStatus & { bytes: Buffer }> {
  return new Promise((resolve) => {
    const child = execFile(
      file,
      args,
      { env: { ...process.env, ...env }, encoding: 'buffer', timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({
          code: readExitCode(error),
          output: `${stdout.toString('latin1')}${stderr.toString('latin1')}`,
          bytes: stdout,
        });
      },
    );
    child.stdin!.on('error', () => {});
    child.stdin!.end(input);
  });
}

/** Returns the exit code of a finished process; -1 if a signal ended it or it did not start. */
function readExitCode(error: ExecFileException | null): number {
  if (!error) return 0;
  return typeof error.code === 'number' ? error.code : -1;
}
