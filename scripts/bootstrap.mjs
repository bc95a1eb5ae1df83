// Runs a task of the workspace on any machine with Node 18 or newer and npm.
//
//   node scripts/bootstrap.mjs demo|test|gradsmith [arguments]
//
// Where Node is older than 24 or pnpm is missing, both are brought through npx (exact versions, no global
// install) and this script starts again inside them. Plain JavaScript: it must load on the oldest Node.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE = '24.21.0';
const PNPM = '12.21.0';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The command's own program, which runs in the caller's folder. */
const cli = join(root, 'apps/cli/src/main.ts');
const [task, ...rest] = process.argv.slice(2);

const tasks = {
  demo: () => run(process.execPath, [cli, 'demo', ...rest], { cwd: findCallerFolder() }),
  gradsmith: () => run(process.execPath, [cli, ...rest], { cwd: findCallerFolder() }),
  test: () => {
    ensureRedis();
    return run('pnpm', ['run', 'check', ...rest]);
  },
};

if (!task || !Object.hasOwn(tasks, task)) {
  console.error(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join('|')} [arguments]`);
  process.exit(2);
}
if (Number(process.versions.node.split('.')[0]) < 24 || !works('pnpm', ['--version'])) again();
install();
process.exit(tasks[task]());

/** Starts this script again under the pinned Node and pnpm; npx puts both first on the PATH. */
function again() {
  if (process.env.GRADSMITH_BOOTSTRAPPED) {
    console.error(
      `Node ${NODE} and pnpm ${PNPM} were fetched through npx, yet this is Node ${process.versions.node}. ` +
        'Install Node 24 or newer and pnpm 12 by hand, then try again.',
    );
    process.exit(1);
  }
  const packages = ['-p', `node-${process.platform}-${process.arch}@${NODE}`, '-p', `pnpm@${PNPM}`];
  // npm says nothing while it fetches, and the first time that may take minutes.
  if (!existsSync(join(process.env.npm_config_cache ?? join(homedir(), '.npm'), '_npx')))
    console.error(`fetching Node ${NODE} and pnpm ${PNPM} into npm's cache, this once; it may take minutes …`);
  const command = ['-y', ...packages, '--', 'node', fileURLToPath(import.meta.url), task, ...rest];
  const env = { GRADSMITH_BOOTSTRAPPED: '1', GRADSMITH_CALLER_FOLDER: findCallerFolder() };
  process.exit(run('npx', command, { env }));
}

/**
 * The tests run against a real Redis. Where Debian's package can be had, it is installed; elsewhere the tests say what
 * to do.
 */
function ensureRedis() {
  if (process.env.REDIS_URL || works('redis-server', ['--version']) || works('docker', ['info'])) return;
  if (process.getuid?.() !== 0 || !works('apt-get', ['--version'])) return;
  console.log('No Redis here: installing the redis-server package');
  if (run('apt-get', ['update', '-qq']) === 0)
    run('apt-get', ['install', '-y', '-qq', 'redis-server'], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

function install() {
  if (!existsSync(join(root, 'node_modules'))) console.error('installing the dependencies, this once …');
  const result = spawnSync('pnpm', ['install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (result.status === 0) return;
  console.error(result.stdout, result.stderr);
  console.error('The dependencies could not be installed (pnpm install, above). Is the npm registry reachable?');
  process.exit(1);
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', shell: process.platform === 'win32' }).status === 0;
}

/** Returns the folder in which the user called npm, which runs its scripts in the root of the repository. */
function findCallerFolder() {
  const { GRADSMITH_CALLER_FOLDER: passed, INIT_CWD: initial } = process.env;
  return passed ?? (process.cwd() === root && initial ? initial : process.cwd());
}

function run(command, args, { env = {}, cwd = root } = {}) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { TURBO_TELEMETRY_DISABLED: '1', ...process.env, ...env },
  });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}
