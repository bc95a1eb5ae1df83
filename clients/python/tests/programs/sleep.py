"""Sleep in each trial of a study, to be interrupted: `sleep.py URL STUDY THREADS`. Prints a line for each trial."""

import sys
import time

import gradsmith

url, study_id, threads = sys.argv[1:]


def objective(trial):
    """Take a minute."""
    print(trial.number, flush=True)
    time.sleep(60)
    return 0.0


gradsmith.Client(url).study(study_id).optimize(objective, n_jobs=int(threads))
