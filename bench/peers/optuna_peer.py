"""Runs searches with Optuna's samplers on the JavaScript test functions.

Jobs come as JSON lines on standard input and each is answered with one line, as bench/bayesopt/protocol.ts describes. The functions are evaluated by
the command given as arguments (node bench/bayesopt/serve.ts), over a pipe. Times are processor time of the ask alone. The first line out names the versions.
"""

import json
import subprocess
import sys
import time
import warnings

import optuna
import scipy
import torch

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


class Functions:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def build_distributions(space):
    dist = optuna.distributions
    out = {}
    for name, p in space.items():
        if p["type"] == "categorical":
            out[name] = dist.CategoricalDistribution(p["choices"])
        elif p["type"] == "int":
            out[name] = dist.IntDistribution(p["low"], p["high"], log=p.get("scale") == "log")
        else:
            out[name] = dist.FloatDistribution(p["low"], p["high"], log=p.get("scale") == "log", step=p.get("step"))
    return out


def build_sampler(job):
    if job["method"] == "optuna-tpe":
        # constant_liar is what its documentation advises with trials in flight.
        return optuna.samplers.TPESampler(
            seed=job["seed"], n_startup_trials=job["initial"], multivariate=True, constant_liar=job["pending"] > 0
        )
    return optuna.samplers.GPSampler(seed=job["seed"], n_startup_trials=job["initial"])


def run(job, functions):
    described = functions.ask({"describe": job["problem"]})
    distributions = build_distributions(described["space"])
    study = optuna.create_study(sampler=build_sampler(job))
    trials, milliseconds, truths = [], [], []

    def settle(trial):
        answer = functions.ask(
            {"problem": job["problem"], "point": trial.params, "seed": job["seed"], "number": trial.number}
        )
        truths.append(answer["truth"])
        study.tell(trial, answer["value"])

    for number in range(job["budget"]):
        if number > job["pending"]:
            settle(trials[number - job["pending"] - 1])
        started = time.process_time()
        trials.append(study.ask(distributions))
        if number >= job["initial"]:
            milliseconds.append(round(1000 * (time.process_time() - started), 2))
    for trial in trials[len(truths):]:
        settle(trial)

    return {**job, "improvements": list_improvements(truths), "milliseconds": milliseconds}


def first_points(job, functions):
    """Returns the points that a search with this seed draws at random before it has any result."""
    distributions = build_distributions(functions.ask({"describe": job["problem"]})["space"])
    study = optuna.create_study(sampler=build_sampler(job))
    return {"points": [study.ask(distributions).params for _ in range(job["start"])]}


def list_improvements(truths):
    """[trial number, value] wherever the best value so far fell."""
    best, steps = float("inf"), []
    for number, truth in enumerate(truths):
        if truth < best:
            best = truth
            steps.append([number, truth])
    return steps


def time_suggestions(job, functions):
    """Returns the time of each ask, ms, after a history of known trials that are reported one by one as in a search."""
    distributions = build_distributions(functions.ask({"describe": job["problem"]})["space"])
    study = optuna.create_study(sampler=build_sampler(job))
    for point, value in job["history"]:
        study.add_trial(optuna.trial.create_trial(params=point, distributions=distributions, value=value))
    milliseconds = []
    for _ in range(job["asks"]):
        started = time.process_time()
        trial = study.ask(distributions)
        milliseconds.append(round(1000 * (time.process_time() - started), 2))
        answer = functions.ask(
            {"problem": job["problem"], "point": trial.params, "seed": job["seed"], "number": trial.number}
        )
        study.tell(trial, answer["value"])
    del job["history"]
    return {**job, "milliseconds": milliseconds}


def versions():
    return {
        "python": sys.version.split()[0],
        "optuna": optuna.__version__,
        "torch": torch.__version__,
        "scipy": scipy.__version__,
        "threads": torch.get_num_threads(),
    }


def main():
    functions = Functions(sys.argv[1:])
    print(json.dumps({"versions": versions()}), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        answer_to = time_suggestions if "history" in job else first_points if "start" in job else run
        answer = answer_to(job, functions)
        print(json.dumps(answer), flush=True)


main()
