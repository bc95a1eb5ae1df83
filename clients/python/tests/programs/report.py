"""Report a value in each step of a trial, to be killed: `report.py URL STUDY`. Waits for a line after each step."""

import sys

import gradsmith

url, study_id = sys.argv[1:]


def objective(trial):
    """Report as long as lines come."""
    for step in range(1000):
        trial.report(step / 10, step)
        print(step, flush=True)
        sys.stdin.readline()
    return 0.0


gradsmith.Client(url).study(study_id).optimize(objective, lease="1s")
