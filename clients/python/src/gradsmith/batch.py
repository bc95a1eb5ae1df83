"""Asking for trials and reporting results, for programs with a loop of their own."""

from __future__ import annotations

import json
import logging
import math
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from gradsmith.errors import GradsmithError
from gradsmith.lease import Lease
from gradsmith.optimize import read_metrics
from gradsmith.space import Parameter
from gradsmith.transport import Call, Transport
from gradsmith.trial import Trial

log = logging.getLogger("gradsmith")

#: Trials in one request.
MOST_TRIALS = 100
#: Characters of the results in one request; the service limits the size of a body.
MOST_CHARACTERS = 500_000
#: How long the service may wait for a trial before it answers, in seconds.
ASK_WAIT = 10.0
#: Pause after an answer without a trial, in seconds.
WAIT_PAUSE = 0.1
#: Answers to a result that does not count.
REFUSED = ("stale", "conflict", "not-found")

#: What was measured: a number, a number for each of several objectives, or None if it was not measured.
Measured: TypeAlias = float | Sequence[float] | None


def ask_trials(
    transport: Transport,
    job: str,
    space: Mapping[str, Parameter],
    count: int,
    *,
    lease: str,
    timeout: float | None,
) -> list[Trial]:
    """Return up to `count` trials; none if the study has finished, or there was none until the time was over."""
    if not 1 <= count <= MOST_TRIALS:
        raise ValueError(f"the number of trials is {count}; it must be from 1 to {MOST_TRIALS}")
    # One id for each trial: asked again after a lost answer, the service answers with the same trials.
    attempts = [str(uuid.uuid4()) for _ in range(count)]
    worker = f"{socket.gethostname()[:100]}-{os.getpid()}"
    until = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        wait = max(0.001, min(ASK_WAIT, until - time.monotonic()))
        body = {"attempts": attempts, "worker": worker, "lease": lease, "wait": f"{math.ceil(1000 * wait)}ms"}
        answer = transport.send(Call("POST", f"/v1/jobs/{job}/ask-many", body))
        if answer["answer"] == "trials":
            return [Trial(Lease(transport, job, item), space) for item in answer["items"]]
        if answer["answer"] == "finished" or time.monotonic() >= until:
            return []
        threading.Event().wait(WAIT_PAUSE)


def tell_trials(
    transport: Transport,
    job: str,
    objectives: Sequence[str],
    metric: str,
    results: Sequence[tuple[Trial, Measured, str]],
) -> list[str]:
    """Report the results until the service answers, and return its answers; `results` have their outcome."""
    for trial, _, _ in results:
        _check_trial(trial, job)
    described = [_describe(trial, value, outcome, objectives, metric) for trial, value, outcome in results]
    answers: list[str] = []
    for part in _split(described):
        call = Call("POST", f"/v1/jobs/{job}/tell-many", {"results": part}, patience=math.inf)
        items = transport.send(call)["items"]
        for item in items:
            if item["answer"] in REFUSED:
                log.warning("the result of trial %s was not accepted (%s)", item["trial"], item["answer"])
        done = results[len(answers) : len(answers) + len(items)]
        answers += [str(item["answer"]) for item in items]
        for trial, _, _ in done:
            trial._lease.finish()
    return answers


def _check_trial(trial: object, job: str) -> None:
    """Refuse what would be reported to a trial of another study, or end its lease."""
    if not isinstance(trial, Trial):
        raise TypeError(f"{trial!r:.200} is no trial; tell takes what ask and ask_many return")
    if trial._lease.job != job:
        raise ValueError(f"trial {trial.number} belongs to the study {trial._lease.job}, not to {job}")


def _describe(trial: Trial, value: Measured, outcome: str, objectives: Sequence[str], metric: str) -> dict[str, Any]:
    metrics = read_metrics(trial)
    values = _list_values(value)
    measured: dict[str, Any] = {}
    if values is not None:
        if len(values) != len(objectives):
            raise ValueError(f"trial {trial.number} has {len(values)} values; objectives: {len(objectives) or 1}")
        measured = dict(zip(objectives, values, strict=True))
        value = measured.pop(metric)
    if outcome == "pruned" and value is None:
        value = trial._lease.last_value
        if value is None:
            raise GradsmithError(f"trial {trial.number} reported no value before it was pruned; tell a bound")
    number = _read_number(value)
    numbers = {name: _read_number(each) for name, each in measured.items()}
    if not all(math.isfinite(each) for each in (number, *numbers.values())):
        return trial._lease.describe_result(None, outcome, {})
    return trial._lease.describe_result(number, outcome, {**metrics, **numbers})


def _list_values(value: Any) -> list[Any] | None:
    """Return the values of several objectives, also of an array; None for a number."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    try:
        return list(value)
    except TypeError:  # an array without a dimension
        return None


def _read_number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _split(described: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    parts: list[list[dict[str, Any]]] = []
    length = 0
    for result in described:
        own = len(json.dumps(result))
        if not parts or len(parts[-1]) == MOST_TRIALS or length + own > MOST_CHARACTERS:
            parts.append([])
            length = 0
        parts[-1].append(result)
        length += own
    return parts
