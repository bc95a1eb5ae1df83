"""What an objective or a program measured, as numbers."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence

from gradsmith.trial import Trial

log = logging.getLogger("gradsmith")


class NotANumber(ValueError):
    """What an objective measured is no finite number."""


def read_number(measured: object, description: str) -> float:
    """Return what an objective measured as a float, whatever type of number it is.

    Args:
        measured: A number of Python, NumPy or PyTorch.
        description: What was measured, for the error; it names the value with `{}`.

    Raises:
        NotANumber: It is no number, or not finite.
    """
    try:
        number = float(measured)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise NotANumber(f"{description.format(f'{measured!r:.200}')}, which is no number") from None
    if not math.isfinite(number):
        raise NotANumber(f"{description.format(number)}, which is no finite number")
    return number


def read_metrics(trial: Trial) -> dict[str, float]:
    """Return the metrics of a trial that can be stored; the log names the others."""
    metrics: dict[str, float] = {}
    for name, measured in trial.metrics.items():
        try:
            metrics[name] = read_number(measured, "it is {}")
        except NotANumber as error:
            log.warning("trial %d: the metric %r is left out: %s", trial.number, name, error)
    return metrics


def name_values(objectives: Sequence[str], measured: object) -> dict[str, object] | None:
    """Return the values of several objectives by name; None if there is not one for each, or only one objective."""
    if not objectives or isinstance(measured, str) or not isinstance(measured, Iterable):
        return None
    try:
        return dict(zip(objectives, measured, strict=True))
    except (TypeError, ValueError):  # an array without a dimension, and another number of values
        return None
