"""Asking for trials and reporting results, for programs that have a loop."""

from __future__ import annotations

import json
import logging
import math
import re
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from gradsmith.ask import ASK_WAIT, ask_leases
from gradsmith.errors import ApiError, GradsmithError
from gradsmith.measured import NotANumber, name_values, read_metrics, read_number
from gradsmith.space import Parameter
from gradsmith.transport import Call, Transport
from gradsmith.trial import Trial
from gradsmith.waiting import WaitNotice

log = logging.getLogger("gradsmith")

#: Trials in one request.
MOST_TRIALS = 100
#: Characters of the results in one request; the service limits the size of a body.
MOST_CHARACTERS = 500_000
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
    longest_wait: float = ASK_WAIT,
    stop: threading.Event | None = None,
) -> list[Trial]:
    """Return up to `count` trials; none if the study has finished, or there was none until the time was over.

    `longest_wait` is the time after which the service answers without a trial, in seconds. No request is sent after
    `stop` is set.

    Raises:
        Unavailable: When the time was over, the service did not answer.
    """
    if not 1 <= count <= MOST_TRIALS:
        raise ValueError(f"the number of trials is {count}; it must be from 1 to {MOST_TRIALS}")
    asked = ask_leases(
        transport,
        job,
        count,
        lease=lease,
        until=math.inf if timeout is None else time.monotonic() + timeout,
        explain_wait=WaitNotice(transport, job).give,
        longest_wait=longest_wait,
        stop=stop,
    )
    return [Trial(each, space) for each in asked.leases]


def tell_trials(
    transport: Transport,
    job: str,
    objectives: Sequence[str],
    metric: str,
    results: Sequence[tuple[Trial, Measured, str]],
    *,
    stop: threading.Event | None = None,
) -> list[str]:
    """Report the results until the service answers or `stop` is set; return its answers.

    `results` have their outcome. A request that is refused does not keep the others from being sent.

    Raises:
        ApiError: The first refusal, with the problems of all of them and the answers to the other requests.
    """
    for trial, _, _ in results:
        check_trial(trial, job)
    described = [_describe(trial, value, outcome, objectives, metric) for trial, value, outcome in results]
    answers: list[str | None] = []
    refusals: list[ApiError] = []
    for part in _split(described):
        first = len(answers)
        call = Call("POST", f"/v1/jobs/{job}/tell-many", {"results": part}, patience=math.inf, stop=stop)
        try:
            items = transport.send(call)["items"]
        except ApiError as error:
            error.problems = [(_shift(place, first), message) for place, message in error.problems]
            refusals.append(error)
            answers += [None] * len(part)
        else:
            answers += [_end_trial(trial, item) for (trial, _, _), item in zip(results[first:], items, strict=False)]
    if refusals:
        first_refusal = refusals[0]
        first_refusal.problems = [problem for refusal in refusals for problem in refusal.problems]
        first_refusal.answers = answers
        raise first_refusal
    return [answer for answer in answers if answer is not None]


def _end_trial(trial: Trial, item: Mapping[str, Any]) -> str:
    trial._lease.finish()
    answer = str(item["answer"])
    if answer in REFUSED:
        log.warning("the result of trial %s was not accepted (%s)", item["trial"], answer)
    return answer


def _shift(place: str, first: int) -> str:
    """Return a place among all results, of a place in a request that begins with result `first`."""
    return re.sub(r"^/results/(\d+)", lambda found: f"/results/{first + int(found[1])}", place)


def check_trial(trial: object, job: str) -> None:
    """Refuse what would be reported to a trial of another study, or end its lease."""
    if not isinstance(trial, Trial):
        raise TypeError(f"{trial!r:.200} is no trial; tell and release take what ask and ask_many return")
    if trial._lease.job != job:
        raise ValueError(f"trial {trial.number} belongs to the study {trial._lease.job}, not to {job}")


def _describe(trial: Trial, value: Measured, outcome: str, objectives: Sequence[str], metric: str) -> dict[str, Any]:
    metrics = read_metrics(trial)
    values = name_values(objectives, value)
    if objectives and values is None and value is not None and outcome == "complete":
        raise ValueError(f"trial {trial.number} needs a value for each objective: {', '.join(objectives)}")
    if outcome == "pruned" and value is None:
        value = trial._lease.last_value
        if value is None:
            raise GradsmithError(f"trial {trial.number} reported no value before it was pruned; tell a bound")
    measured: dict[str, object] = {"": value} if values is None else values
    if value is None:
        return trial._lease.describe_result(None, outcome, {})
    try:
        numbers = {name: read_number(each, f"{name or 'the value'} is {{}}") for name, each in measured.items()}
    except NotANumber as error:
        log.warning("trial %d failed: %s", trial.number, error)
        return trial._lease.describe_result(None, outcome, {})
    number = numbers.pop("" if values is None else metric)
    return trial._lease.describe_result(number, outcome, {**metrics, **numbers})


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
