"""Proposes points by the samplers of Optuna and by the package cma, one after the other.

The first line out names the versions. {"method", "seed", "initial", "space"} starts a search and is answered with {"point"};
{"value" or "values", "violations"?} reports that point and is answered with the next {"point"}. A search lasts until the next one starts.
A search with "objectives" minimizes so many of them; one with "constrained" reports violations, which are feasible up to 0.
Spaces are those of packages/bayesopt, conditions included. cma searches the unit cube, from "start" (a point) with the step "sigma".
"""

import json
import sys
import warnings

import optuna

try:
    import cma
except ModuleNotFoundError:
    cma = None  # Only the searches of optuna need torch, and only those of cma need cma.

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def suggest(trial, space):
    """Suggests the active parameters; a parameter is listed after those that its condition names."""
    point = {}
    for name, p in space.items():
        if any(point.get(parent) not in values for parent, values in p.get("when", {}).items()):
            continue
        log = p.get("scale") == "log"
        if p["type"] == "categorical":
            point[name] = trial.suggest_categorical(name, p["choices"])
        elif p["type"] == "int":
            point[name] = trial.suggest_int(name, p["low"], p["high"], log=log)
        else:
            point[name] = trial.suggest_float(name, p["low"], p["high"], log=log)
    return point


def list_violations(trial):
    return trial.user_attrs["violations"]


def build_sampler(job):
    constraints = list_violations if job.get("constrained") else None
    match job["method"]:
        case "optuna-random":
            return optuna.samplers.RandomSampler(seed=job["seed"])
        case "optuna-tpe":
            return optuna.samplers.TPESampler(seed=job["seed"], n_startup_trials=job["initial"], constraints_func=constraints)
        case "optuna-tpe-group":
            return optuna.samplers.TPESampler(
                seed=job["seed"], n_startup_trials=job["initial"], multivariate=True, group=True, constraints_func=constraints
            )
        case "optuna-gp":
            return optuna.samplers.GPSampler(
                seed=job["seed"],
                n_startup_trials=job["initial"],
                deterministic_objective=True,
                constraints_func=constraints,
            )
        case "optuna-nsga-ii":
            return optuna.samplers.NSGAIISampler(
                seed=job["seed"], population_size=job.get("population", 50), constraints_func=constraints
            )


def run_optuna(job):
    """Yields points and receives (value or values, violations)."""
    study = optuna.create_study(sampler=build_sampler(job), directions=["minimize"] * job.get("objectives", 1))
    while True:
        trial = study.ask()
        point = suggest(trial, job["space"])
        value, violations = yield point
        if violations is not None:
            trial.set_user_attr("violations", violations)
        study.tell(trial, value)


def run_cma(job):
    names = list(job["space"])
    lows = [job["space"][name]["low"] for name in names]
    spans = [job["space"][name]["high"] - low for name, low in zip(names, lows)]
    start = [(job["start"][name] - low) / span for name, low, span in zip(names, lows, spans)]
    options = {"bounds": [0, 1], "seed": job["seed"] + 1, "verbose": -9, "maxfevals": float("inf")}
    strategy = cma.CMAEvolutionStrategy(start, job["sigma"], options)
    while True:
        xs = strategy.ask()
        values = []
        for x in xs:
            value, _ = yield {name: low + span * float(u) for name, low, span, u in zip(names, lows, spans, x)}
            values.append(value)
        strategy.tell(xs, values)


def main():
    versions = {"python": sys.version.split()[0], "optuna": optuna.__version__}
    if cma:
        versions["cma"] = cma.__version__
    print(json.dumps({"versions": versions}), flush=True)
    search = None
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message:
            search = run_cma(message) if message["method"] == "cma" else run_optuna(message)
            point = next(search)
        else:
            point = search.send((message.get("values", message.get("value")), message.get("violations")))
        print(json.dumps({"point": point}), flush=True)


main()
