/** How one example of the help is run, and what it must print. */
export interface Step {
  /** As the help shows it. */
  example: string;
  /** Exit code; 0 by default. */
  code?: number;
  stdout?: RegExp;
  stderr?: RegExp;
  /** Ctrl-C once a line of its output matches. */
  until?: RegExp;
  /** Runs in parallel with the following steps, and is interrupted when they are done. */
  alongside?: boolean;
  env?: Record<string, string>;
}

const DIAGNOSIS = /Node .*\n[^]*ready/;

/**
 * Every example of every command, in an order in which a newcomer may type them: a folder of one's own, then a service.
 * The service's and the Redis' addresses are exchanged for the test's.
 */
export const story: Step[] = [
  { example: 'gradsmith init', stdout: /job\.yaml is written/ },
  {
    example: 'gradsmith init gaussians.yaml --template two-gaussians',
    stdout: /gaussians\.yaml is written \(two-gaussians\)/,
  },
  {
    example: 'gradsmith validate examples/demo.yaml',
    stdout: /is a valid job: demo, 12 trials of aulc to minimize\n {2}relu2\.u/,
  },
  { example: 'gradsmith validate examples/two-gaussians.yaml --json', stdout: /"valid":true.*"name":"relu2\.u"/ },
  {
    example: 'gradsmith run examples/two-gaussians.yaml --slots 2',
    stdout: /^\[36\/36\] [^]*completed[^]*^report {4}.*\.html$/m,
  },
  { example: 'gradsmith run two-gaussians --json', stdout: /^\{"event":"end".*"state":"completed".*"report":/m },
  { example: 'gradsmith jobs', stdout: /^job .*\njob_\w{20} {2}two-gaussians {2}completed {3}20\/20/ },
  {
    example: 'gradsmith jobs --state completed --limit 5 --json',
    stdout: /^\{"items":\[\{.*\}\],"next":null,"total":1,"unreadable":\[\]\}\n$/,
  },
  { example: 'gradsmith jobs --label team:vision --sort -best', stdout: /^$/ },
  { example: 'gradsmith status', stdout: /^trials {4}20 \w+.*budget 20$/m },
  { example: 'gradsmith status two-gaussians --json', stdout: /^\{.*"state":"completed"/ },
  { example: 'gradsmith watch', stdout: /^\[36\/36\] /m },
  { example: 'gradsmith watch two-gaussians --plain', stdout: /^\[36\/36\] /m },
  { example: 'gradsmith trials', stdout: /^trial .*point\n0 [^]*^reference [^]*^confirm-/m },
  {
    example: 'gradsmith trials two-gaussians --role search --sort value --limit 5',
    stdout: /^trial .*\n(?:\d+ .*\n){5}$/,
  },
  { example: 'gradsmith trials two-gaussians 7 --json', stdout: /^\{"id":"7".*"curve":\[/ },
  { example: 'gradsmith best', stdout: /relu2\.u/ },
  { example: 'gradsmith best two-gaussians --top 3', stdout: /relu2\.u[^]*relu2\.u[^]*relu2\.u/ },
  { example: 'gradsmith best two-gaussians --json', stdout: /^\{"job":.*"items":\[\{"id":/ },
  { example: 'gradsmith report', stdout: /^job_\w{20}\.html\n$/ },
  { example: 'gradsmith report two-gaussians -o found.html', stdout: /^found\.html\n$/ },
  { example: 'gradsmith replay', stdout: /^20 of 20 points reproduced bit for bit$/m },
  { example: 'gradsmith replay two-gaussians --json', stdout: /"equal":20,"differing":0/ },
  { example: 'gradsmith export two-gaussians -o two-gaussians.json', stdout: /^$/ },
  { example: 'gradsmith export two-gaussians --format csv', stdout: /^[^\n]*relu2\.u[^\n]*\n(?:[^\n]+\n){36}$/ },
  { example: 'gradsmith export two-gaussians --format parquet --curves -o curves.parquet', stderr: /is written to/ },
  {
    example: 'gradsmith export two-gaussians --format tensorboard -o events',
    stderr: /^36 runs of job .*\nShow them: tensorboard --logdir events\n$/,
  },
  {
    example: 'gradsmith export two-gaussians --format mlflow --mlflow http://localhost:5000',
    code: 4,
    stderr: /the MLflow server at http:\/\/localhost:5000 does not answer .*\nStart it \(mlflow server\)/,
  },
  { example: 'gradsmith export two-gaussians --format optuna -o study.log', stderr: /is written to study\.log/ },
  {
    example: 'gradsmith report two-gaussians two-gaussians.json -o comparison.html',
    stdout: /^comparison\.html\n$/,
  },
  { example: 'gradsmith import two-gaussians.json --data other', stdout: /\(two-gaussians\) is imported/ },
  { example: 'gradsmith extend two-gaussians 60', stdout: /is running, 20 of 60 trials settled/ },
  {
    example: 'gradsmith enqueue two-gaussians relu2.u=1 relu2.b=0 relu2.v=1 relu2.d=0.5',
    stdout: /is enqueued in job job_\w{20}; it is tried next\nnothing runs it now/,
  },
  {
    example: 'gradsmith retry two-gaussians 7',
    code: 5,
    stderr: /trial 7 is complete; only a failed trial can be retried/,
  },
  {
    example: 'gradsmith invalidate two-gaussians 7 --reason outlier',
    stdout: /the result of trial 7 of job job_\w{20} is taken back: outlier/,
  },
  {
    example: 'gradsmith edit two-gaussians --label owner:ada reviewed:yes --notes final',
    stdout: /labels {3}.*owner:ada, reviewed:yes\npriority 0\nnotes\n {2}final\n$/,
  },
  { example: 'gradsmith edit two-gaussians --priority 10', stdout: /^priority 10$/m },
  {
    example: 'gradsmith edit two-gaussians',
    stdout: /^job {6}job_\w{20}\nname {5}two-gaussians\nlabels {3}.*\npriority 10\nnotes\n/,
  },
  { example: 'gradsmith pause two-gaussians', stdout: /is paused/ },
  { example: 'gradsmith resume two-gaussians', stdout: /is running/ },
  { example: 'gradsmith cancel two-gaussians', stdout: /is cancelled/ },
  { example: 'gradsmith delete two-gaussians --yes', stdout: /is removed/ },

  {
    example: 'gradsmith worker --redis redis://localhost:6379 --slots 2',
    alongside: true,
    stdout: /is ready: 2 slots on [^]* trial \d+: \w+[^]*stopped after \d+ trials/,
  },
  {
    example: 'gradsmith worker --redis redis://localhost:6379 --labels a100,big-memory',
    alongside: true,
    stdout: /is ready: \d+ slots? on /,
  },
  {
    example: 'gradsmith worker --redis redis://localhost:6379 --modules examples/modules',
    alongside: true,
    stdout: /is ready: \d+ slots? on [^]*, \d+ on the module quadratic\n/,
  },
  {
    example: 'gradsmith submit examples/two-gaussians.yaml --server http://localhost:8080',
    stdout: /\(two-gaussians\) is submitted/,
  },
  {
    example: 'gradsmith submit examples/two-gaussians.yaml --server http://localhost:8080 --watch',
    stdout: /was there already[^]*^\[36\/36\] [^]*completed/m,
  },
  { example: 'gradsmith jobs --server http://localhost:8080', stdout: /two-gaussians {2}completed/ },
  { example: 'gradsmith jobs --server http://localhost:8080 --label team:vision --label draft', stdout: /^$/ },
  {
    example: 'gradsmith watch two-gaussians --json --server http://localhost:8080',
    stdout: /^(?:\{"event":"(?:job|trial)".*\}\n){37}$/,
  },

  { example: 'gradsmith doctor', stdout: DIAGNOSIS },
  {
    example: 'gradsmith doctor --redis redis://localhost:6379 --json',
    stdout: /^\{"healthy":true,.*fit to hold a ledger/,
  },
  { example: 'gradsmith data', stdout: /^two-gaussians /m },
  { example: 'gradsmith data mnist', stdout: /^mnist: 60000 training and 10000 test examples/ },
  {
    example: 'gradsmith data my-digits --from ~/my-digits',
    env: { GRADSMITH_CACHE: 'own-cache' },
    stdout: /^my-digits: 20 training and 10 test examples in own-cache/,
  },
  {
    example: 'gradsmith demo',
    until: /^\[ *1\//,
    code: 130,
    stdout: /^\[ *1\/\d+\] /m,
    stderr: /Continue with: gradsmith demo/,
  },
  { example: 'gradsmith backend', stdout: /^wasm [^]* training examples a second/ },
  { example: 'gradsmith backend --no-measure --json', stdout: /"name":"wasm","usable":true/ },
  { example: 'gradsmith completion bash', stdout: /complete -F _gradsmith gradsmith/ },
  { example: 'gradsmith completion zsh', stdout: /compdef _gradsmith gradsmith/ },
  { example: 'gradsmith completion fish', stdout: /complete -c gradsmith/ },

  // Commands that would download hundreds of megabytes are run up to their first error: a missing file or tool.
  {
    example: 'gradsmith data cifar10 --from ~/cifar-10-batches-bin',
    env: { GRADSMITH_CACHE: 'empty' },
    code: 2,
    stderr: /data_batch_1\.bin is not there\. The files of CIFAR-10/,
  },
  {
    example: 'gradsmith backend install tensorflow',
    env: { PATH: '/nowhere' },
    code: 1,
    stderr: /npm could not be started .* is it installed\?/,
  },
  {
    example: 'gradsmith backend install tensorflow --gpu',
    env: { PATH: '/nowhere' },
    code: 1,
    stderr: /npm could not be started .* is it installed\?/,
  },
  {
    example: 'gradsmith backend install webgpu',
    env: { PATH: '/nowhere' },
    code: 1,
    stderr: /npm could not be started .* is it installed\?/,
  },
  {
    example: 'gradsmith backend install tensorflow --from libtensorflow.tar.gz',
    code: 3,
    stderr: /libtensorflow\.tar\.gz does not exist; check the path/,
  },
];
