"""Measures trials a second of Optuna's storages with processes that share a study, random search, and an objective that answers at once.

    optuna_storage.py journal-file PATH | journal-redis URL | sqlite PATH  PROCESSES TRIALS

Prints one line of JSON: the version, and trials a second from the moment at which every process is ready.
"""

import json
import multiprocessing
import sys
import time
import warnings

import optuna
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalRedisBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def open_storage(kind, where):
    if kind == "journal-file":
        return JournalStorage(JournalFileBackend(where))
    if kind == "journal-redis":
        return JournalStorage(JournalRedisBackend(where))
    return RDBStorage(f"sqlite:///{where}", engine_kwargs={"connect_args": {"timeout": 60}})


def measure_loss(trial):
    x = trial.suggest_float("x", 0, 1)
    trial.suggest_float("y", 0, 1)
    return (x - 0.3) ** 2


def search(kind, where, trials, seed, ready):
    study = optuna.load_study(study_name="bench", storage=open_storage(kind, where), sampler=optuna.samplers.RandomSampler(seed=seed))
    ready.wait()
    study.optimize(measure_loss, n_trials=trials)


def main(kind, where, processes, trials):
    optuna.create_study(study_name="bench", storage=open_storage(kind, where))
    ready = multiprocessing.Barrier(processes + 1)
    each = trials // processes
    children = [multiprocessing.Process(target=search, args=(kind, where, each, seed, ready)) for seed in range(processes)]
    for child in children:
        child.start()
    ready.wait()
    start = time.perf_counter()
    for child in children:
        child.join()
    seconds = time.perf_counter() - start
    if any(child.exitcode for child in children):
        raise SystemExit("a process of the study failed")
    print(json.dumps({"optuna": optuna.__version__, "perSecond": each * processes / seconds}))


if __name__ == "__main__":
    kind, where, processes, trials = sys.argv[1:]
    multiprocessing.set_start_method("spawn")
    main(kind, where, int(processes), int(trials))
