"""What an objective or a program measured, as numbers."""

from __future__ import annotations

import inspect
import logging
import math
from collections.abc import Iterable, Sequence, Sized

from gradsmith.trial import Trial

log = logging.getLogger("gradsmith")


class NotANumber(ValueError):
    """What an objective measured is no finite number."""


class WrongObjective(TypeError):
    """The objective is none for this kind of study: no trial can be measured with it."""


def read_number(measured: object, description: str) -> float:
    """Return what an objective measured as a float, whatever type of number it is.

    Args:
        measured: A number of Python, NumPy or PyTorch.
        description: What was measured, for the error; it names the value with `{}`.

    Raises:
        NotANumber: It is no number, or not finite.
    """
    try:
        if isinstance(measured, (str, bytes, bytearray)):
            raise TypeError  # float() would read it
        number = float(measured)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise NotANumber(f"{description.format(f'{measured!r:.200}')}, which is no number") from None
    if not math.isfinite(number):
        raise NotANumber(f"{description.format(number)}, which is no finite number")
    return number


def check_objective(returned: object, *, awaited: bool) -> None:
    """Refuse what a coroutine function returns to a synchronous study, and what another function returns to asyncio.

    Args:
        returned: What the call of the objective returned.
        awaited: Whether the study awaits it.

    Raises:
        WrongObjective: It can never be measured.
    """
    if inspect.isawaitable(returned) == awaited:
        return
    if awaited:
        raise WrongObjective(
            f"the objective returned {returned!r:.200}, which cannot be awaited; define it with async def, or use "
            "the optimize of a study of gradsmith.Client"
        )
    if inspect.iscoroutine(returned):
        returned.close()
    raise WrongObjective(
        "the objective is a coroutine function; define it with def, or use the optimize of a study of "
        "gradsmith.AsyncClient"
    )


def describe_count(objectives: Sequence[str], measured: object) -> str | None:
    """Return what is wrong with the number of measured values; None if it is right, or what was measured is no list."""
    if not objectives or isinstance(measured, str) or not isinstance(measured, Sized):
        return None
    try:
        count = len(measured)
    except TypeError:  # an array without a dimension
        return None
    if count == len(objectives):
        return None
    values = "1 value" if count == 1 else f"{count} values"
    return f"{values} ({measured!r:.200}) for {len(objectives)} objectives ({', '.join(objectives)})"


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
