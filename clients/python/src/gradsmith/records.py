"""Trials as the service has recorded them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gradsmith.optuna_names import FROZEN_TRIAL_NAMES, ExplainsNames
from gradsmith.space import Parameter

if TYPE_CHECKING:
    from pandas import DataFrame


#: The states of a trial, by the names that Optuna has for some of them.
OPTUNA_STATES = {
    "WAITING": "pending",
    "RUNNING": "running",
    "COMPLETE": "complete",
    "PRUNED": "pruned",
    "FAIL": "failed",
}
TRIAL_STATES = ("pending", "running", "complete", "pruned", "diverged", "failed", "cancelled")


@dataclass(frozen=True)
class FrozenTrial(ExplainsNames):
    """A trial of a study, as it was when it was read.

    Attributes:
        number: The number of the trial in its study, from 0.
        state: `pending`, `running`, `complete`, `pruned`, `diverged`, `failed` or `cancelled`.
        value: The metric; of a pruned trial a bound; None while there is none.
        params: The value of each parameter.
        metrics: Other measured numbers by name.
        feasible: Whether it fulfills the measured constraints; None in studies without them, and without a result.
        reason: Why the trial failed or was cancelled.
        attempts: How often a program started it.
        datetime_start: The start of the last attempt, in UTC.
        datetime_complete: When the trial was settled, in UTC.
        intermediate_values: The values that the last attempt with reports has reported, by step; thinned out beyond
            128 of them. None if they were not read: only `Study.get_trial` reads them.
    """

    _replacements = FROZEN_TRIAL_NAMES

    number: int
    state: str
    value: float | None
    params: dict[str, Any]
    metrics: dict[str, float]
    reason: str | None
    attempts: int
    datetime_start: datetime | None
    datetime_complete: datetime | None
    intermediate_values: dict[int, float] | None = None
    feasible: bool | None = None

    @property
    def duration(self) -> timedelta | None:
        """The time from the start of the last attempt to the end of the trial."""
        begin, end = self.datetime_start, self.datetime_complete
        return end - begin if begin and end else None


def read_trial(resource: Mapping[str, Any], space: Mapping[str, Parameter]) -> FrozenTrial:
    """Return the trial that the service describes."""
    attempts = resource["attempts"]
    return FrozenTrial(
        number=resource["number"],
        state=resource["state"],
        value=resource["value"],
        params={name: space[name].read(value) if name in space else value for name, value in resource["point"].items()},
        metrics=dict(resource["metrics"]),
        reason=resource["reason"],
        attempts=len(attempts),
        datetime_start=_read_time(attempts[-1]["startedAt"]) if attempts else None,
        datetime_complete=_read_time(resource["settledAt"]),
        intermediate_values=_read_values(attempts) if "curve" in resource else None,
        feasible=resource.get("feasible"),
    )


def _read_values(attempts: Iterable[Mapping[str, Any]]) -> dict[int, float]:
    reported = [attempt["values"] for attempt in attempts if attempt["values"]]
    return {point["step"]: point["value"] for point in reported[-1]} if reported else {}


def read_state(given: object) -> str:
    """Return a state of trials, given as text or as `TrialState` of Optuna.

    Raises:
        ValueError: There is no such state.
    """
    name = getattr(given, "name", given)
    state = OPTUNA_STATES.get(name, name) if isinstance(name, str) else None
    if state not in TRIAL_STATES:
        raise ValueError(f"the state is {given!r}; it must be one of {', '.join(TRIAL_STATES)}")
    return state


#: What a table of trials may have, in the order of its columns.
TABLE_ATTRIBUTES = (
    "number",
    "value",
    "datetime_start",
    "datetime_complete",
    "duration",
    "params",
    "metrics",
    "state",
    "reason",
)


def build_dataframe(trials: Iterable[FrozenTrial], attrs: Sequence[str] | None = None) -> DataFrame:
    """Return a table with one row for each trial, and columns for these attributes.

    Raises:
        ImportError: pandas is not installed.
        ValueError: A trial has no such attribute.
    """
    unknown = [name for name in attrs or () if name not in TABLE_ATTRIBUTES]
    if unknown:
        raise ValueError(f"attrs has {unknown[0]!r}; a table may have {', '.join(TABLE_ATTRIBUTES)}")
    try:
        import pandas as pd  # noqa: PLC0415 - optional
    except ImportError:
        raise ImportError(
            "trials_dataframe() needs pandas (pip install pandas); study.trials is a list of the same trials"
        ) from None
    return pd.DataFrame([_build_row(trial, attrs or TABLE_ATTRIBUTES) for trial in trials])


def _build_row(trial: FrozenTrial, attrs: Sequence[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in attrs:
        value = getattr(trial, name)
        if isinstance(value, dict):
            row.update({f"{name}_{key}": each for key, each in value.items()})
        else:
            row[name] = value
    return row


def _read_time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))
