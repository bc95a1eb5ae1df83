"""A trial, as an objective sees it."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradsmith.errors import SpaceMismatch
from gradsmith.lease import Lease
from gradsmith.optuna_names import TRIAL_NAMES, ExplainsNames
from gradsmith.space import Categorical, Float, Int, Parameter, Value

#: The largest step that the service records.
LARGEST_STEP = 2**53 - 1


class Trial(ExplainsNames):
    """One evaluation of the objective.

    Attributes:
        number: The number of the trial in its study, from 0.
        params: The value of each parameter that the trial has: without those whose condition does not hold.
        seed: The seed of the study, for programs that use random numbers.
        metrics: Other measured numbers by name; they are stored with the result.
    """

    _replacements = TRIAL_NAMES

    def __init__(self, lease: Lease, space: Mapping[str, Parameter]) -> None:
        asked = lease.asked
        self.number: int = asked["number"]
        self.seed: int = asked["seed"]
        self.params: dict[str, Any] = {
            name: space[name].read(value) if name in space else value for name, value in asked["point"].items()
        }
        self.metrics: dict[str, float] = {}
        self._lease = lease
        self._space = space

    def __getitem__(self, name: str) -> Any:
        """Return the value of a parameter."""
        return self.params[name]

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """Return the value of a parameter, which the space of the study must declare in the same way."""
        return float(self._read(name, Float(low, high, log, step)))

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Return the value of a parameter, which the space of the study must declare in the same way."""
        return int(self._read(name, Int(low, high, log, step)))

    def suggest_categorical(self, name: str, choices: Sequence[Value]) -> Any:
        """Return the value of a parameter, which the space of the study must declare in the same way."""
        return self._read(name, Categorical(choices))

    def report(self, value: float, step: int) -> None:
        """Report an intermediate value of the metric.

        A step that was reported before, and an earlier one, change nothing. It does not wait for a service that is
        away: the value is then sent with the next heartbeat.

        Raises:
            TypeError: The value is no number, or the step is not a whole number.
            ValueError: The value is not finite, or the step is not from 0 to 2**53 - 1.
        """
        try:
            whole = operator.index(step)
        except TypeError:
            raise TypeError(f"step is {step!r:.200}; it must be a whole number from 0 to 2**53 - 1") from None
        number = _read_reported(value, whole)
        if not math.isfinite(number):
            raise ValueError(
                f"the value of step {whole} is {number}; report finite values, or return nan to fail the trial"
            )
        if not 0 <= whole <= LARGEST_STEP:
            raise ValueError(f"step is {whole}; it must be a whole number from 0 to 2**53 - 1")
        self._lease.report(whole, number)

    def should_prune(self) -> bool:
        """Return whether to end the trial: by the pruning rule of the study, or because its result is not needed.

        Then raise `TrialPruned`. If the objective returns a value all the same, the trial is complete.
        """
        return self._lease.is_pruned or self._lease.lost is not None

    def _read(self, name: str, asked: Parameter) -> Any:
        declared = self._space.get(name)
        if declared is None:
            raise SpaceMismatch(
                f"the space of the study has no {name!r}; it has {', '.join(self._space) or 'no parameters'}. "
                f"Add {name!r}: {asked!r} to the space of a new study."
            )
        if replace(declared, when=None) != asked:
            raise SpaceMismatch(
                f"{name!r} is declared as {declared!r}, and the objective asks for {asked!r}. "
                f"Write the same in both places, or read trial.params[{name!r}]."
            )
        if name not in self.params:
            raise SpaceMismatch(
                f"this trial has no {name!r}, which is searched only when {dict(declared.when or {})!r}. "
                f"Ask for it only then, or read trial.params.get({name!r})."
            )
        return self.params[name]


def _read_reported(value: object, step: int) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"the value of step {step} is {value!r:.200}, which is no number") from None
