"""The settings of a study that exists, compared with those that a program asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from gradsmith.durations import format_seconds, read_seconds

#: Characters of a value in a message.
LONGEST_VALUE = 100


def _read_metric(spec: Mapping[str, Any]) -> Any:
    metric = spec["objective"]["metric"]
    return metric["name"] if isinstance(metric, Mapping) else metric


#: Arguments that are not asked for if they are empty.
LISTS = ("labels", "known", "constraints", "objectives")
#: Where the specification of a job has the value of each argument of `Client.study`.
READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "metric": _read_metric,
    "seed": lambda spec: spec["search"]["seed"],
    "algorithm": lambda spec: spec["search"]["algorithm"],
    "initial": lambda spec: spec["search"]["initial"],
    "pruning": lambda spec: spec["search"]["pruning"],
    "max_parallelism": lambda spec: spec["search"]["maxParallelism"],
    "trial_timeout": lambda spec: spec["limits"]["trialTimeout"],
    "labels": lambda spec: spec["labels"],
    "known": lambda spec: spec["search"]["known"],
    "constraints": lambda spec: spec.get("constraints", []),
    "objectives": lambda spec: spec.get("objectives", []),
}


def list_differences(spec: Mapping[str, Any], asked: Mapping[str, Any]) -> list[str]:
    """Return a text for each setting that a study does not have as it is asked for.

    Args:
        spec: The specification of the study.
        asked: Arguments of `Client.study` by name. None, and empty lists and mappings, are not asked for.
    """
    found: list[str] = []
    for name, value in asked.items():
        if value is None or (name in LISTS and not value):
            continue
        stored = READERS[name](spec)
        wanted = _normalize(name, value)
        if name == "labels":
            stored = {label: stored.get(label) for label in wanted}
        if _normalize(name, stored) != wanted:
            found.append(f"{name} is {_describe(name, stored)}, not {_describe(name, value)}")
    return found


def normalize_known(results: Any) -> list[dict[str, Any]]:
    """Return known results with the outcome that the service adds."""
    return [{"outcome": "complete", **result} for result in results]


def _normalize(name: str, value: Any) -> Any:
    """Return a value such that equal settings are equal."""
    if name == "known":
        return normalize_known(value)
    if name in ("constraints", "objectives"):
        return [each if isinstance(each, str) else dict(each) for each in value]
    if name == "trial_timeout":
        text = format_seconds(value)
        try:
            return round(1000 * read_seconds(text))
        except (KeyError, ValueError):  # the service says what is wrong with it
            return text
    return dict(value) if isinstance(value, Mapping) else value


def _describe(name: str, value: Any) -> str:
    if name == "known":
        return f"a list of {len(value)} results"
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
