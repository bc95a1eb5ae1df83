"""Read an exported study with Optuna, add a trial to it, and print what was read as JSON."""

import json
import sys

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.load_study(study_name="sample", storage=JournalStorage(JournalFileBackend(sys.argv[1])))
trials = [
    {
        "state": trial.state.name,
        "value": trial.value,
        "params": trial.params,
        "intermediate": trial.intermediate_values,
        "attributes": trial.user_attrs,
        "seconds": trial.duration.total_seconds() if trial.duration else None,
    }
    for trial in study.trials
]
best = study.best_trial.number


def objective(trial: optuna.Trial) -> float:
    """Ask for the parameters as the job declares them."""
    trial.suggest_float("dropout", 0, 0.4, step=0.2)
    trial.suggest_int("layers", 1, 9, step=2)
    trial.suggest_categorical("mixed", [1, "two", True])
    return trial.suggest_float("lr", 1e-5, 0.1, log=True)


study.optimize(objective, n_trials=1)
print(json.dumps({"trials": trials, "best": best, "next": study.trials[-1].number}))
