"""Measure trials of a study, one at a time: `measure.py URL STUDY SECONDS [DYING]`.

Prints a line for each trial that it starts. The trial in which it will be killed, counted from 1, takes a minute.
"""

import sys
import time

import gradsmith

url, study_id, seconds, *dying = sys.argv[1:]
count = 0


def objective(trial):
    """Take some time, and return the parameter."""
    global count  # noqa: PLW0603 - a program of one function
    count += 1
    print(trial.number, flush=True)
    time.sleep(60 if dying and count == int(dying[0]) else float(seconds))
    return trial["x"]


gradsmith.Client(url).study(study_id).optimize(objective, lease="1s")
