"""Durations, as the API writes them: a number and a unit, such as `90s`."""

from __future__ import annotations

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def read_seconds(duration: str) -> float:
    """Return a duration in seconds."""
    number = duration.rstrip("dhms")
    return float(number) * _UNITS[duration[len(number) :]]


def format_seconds(duration: str | float) -> str:
    """Return a duration as the API takes it; a number is one of seconds."""
    return duration if isinstance(duration, str) else f"{round(duration * 1000)}ms"
