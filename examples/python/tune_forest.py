"""Tune a random forest of scikit-learn with Gradsmith.

    pip install scikit-learn ./clients/python
    python examples/python/tune_forest.py                    # creates the study and works on it
    python examples/python/tune_forest.py                    # more processes, here or elsewhere, work on the same study
    python examples/python/tune_forest.py --study forest-2   # another study

Start as many as you like and kill any of them: the trial of a killed process goes to another one, and the study
finishes with exactly its number of trials. GRADSMITH_URL and GRADSMITH_API_KEY name the service and your key.
"""

import argparse
import logging
import os

from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold

import gradsmith

SPACE = {
    "max_depth": gradsmith.Int(1, 20),
    "max_features": gradsmith.Float(0.05, 1.0),
    "min_samples_leaf": gradsmith.Int(1, 50, log=True),
    "criterion": gradsmith.Categorical(["gini", "entropy"]),
}
FOLDS = 3


def evaluate(trial: gradsmith.Trial) -> float:
    """Return the cross-validated accuracy of a forest with the parameters of the trial."""
    x, y = load_breast_cancer(return_X_y=True)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=trial.seed)
    scores: list[float] = []
    for train, test in folds.split(x, y):
        forest = RandomForestClassifier(n_estimators=20, random_state=trial.seed, **trial.params)
        scores.append(forest.fit(x[train], y[train]).score(x[test], y[test]))
        trial.report(sum(scores) / len(scores), step=len(scores))
        if trial.should_prune():
            raise gradsmith.TrialPruned
    trial.metrics["worst fold"] = min(scores)
    return sum(scores) / len(scores)


def main() -> None:
    """Work on the study until it has finished, and print the best trial."""
    parser = argparse.ArgumentParser(description="Tune a random forest with Gradsmith.")
    parser.add_argument("--url", default=os.environ.get("GRADSMITH_URL", "http://localhost:8080"))
    parser.add_argument("--study", default="forest", help="name of the study; it is created if there is none")
    parser.add_argument("--trials", type=int, default=30)
    arguments = parser.parse_args()

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    study = gradsmith.Client(arguments.url).study(
        arguments.study, SPACE, n_trials=arguments.trials, direction="maximize", metric="accuracy", seed=1
    )
    print(f"study {study.name}: {study.url}", flush=True)
    study.optimize(evaluate)
    best = study.best_trial
    print(f"best: {best.value:.4f} in trial {best.number}, {best.params}")


if __name__ == "__main__":
    main()
