"""The parameters of a search space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Value: TypeAlias = bool | int | float | str


@dataclass(frozen=True)
class Float:
    """A number from `low` to `high`.

    Attributes:
        low: The smallest value.
        high: The largest value, included.
        log: Whether the value varies over orders of magnitude; `low` must then be greater than 0.
        step: If given, only low, low + step, low + 2 * step, ... are values.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return _range_to_json("float", self)

    def read(self, value: Any) -> float:
        """Return a value of the service as a Python value."""
        return float(value)


@dataclass(frozen=True)
class Int:
    """A whole number from `low` to `high`; the attributes are those of `Float`."""

    low: int
    high: int
    log: bool = False
    step: int | None = None

    def __post_init__(self) -> None:
        if self.step == 1:
            object.__setattr__(self, "step", None)

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return _range_to_json("int", self)

    def read(self, value: Any) -> int:
        """Return a value of the service as a Python value."""
        return int(value)


@dataclass(frozen=True, init=False)
class Categorical:
    """One of several values without an order: text, numbers, True or False."""

    choices: tuple[Value, ...]

    def __init__(self, choices: Sequence[Value]) -> None:
        object.__setattr__(self, "choices", tuple(choices))

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return {"type": "categorical", "choices": list(self.choices)}

    def read(self, value: Value) -> Value:
        """Return a value of the service as it is among the choices."""
        for choice in self.choices:
            if choice == value and isinstance(choice, bool) == isinstance(value, bool):
                return choice
        return value


@dataclass(frozen=True)
class Constant:
    """A parameter with one value."""

    value: Value

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return {"type": "constant", "value": self.value}

    def read(self, value: Value) -> Value:
        """Return a value of the service as a Python value."""
        return value


Parameter: TypeAlias = Float | Int | Categorical | Constant
#: What the space of a study may contain: a parameter, one as in a job file, or a plain value, which is a constant.
SpaceInput: TypeAlias = Mapping[str, Parameter | Mapping[str, Any] | Value]


def parse_space(space: SpaceInput) -> dict[str, Parameter]:
    """Return the parameters of a space, however they are written."""
    return {name: _parse_parameter(name, given) for name, given in space.items()}


def space_to_json(space: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return a space as a job contains it."""
    return {name: parameter.to_json() for name, parameter in space.items()}


def describe_space(space: Mapping[str, Parameter]) -> str:
    """Return a space as Python code."""
    return "{" + ", ".join(f"{name!r}: {parameter!r}" for name, parameter in space.items()) + "}"


def _range_to_json(kind: str, range_: Float | Int) -> dict[str, Any]:
    json: dict[str, Any] = {"type": kind, "low": range_.low, "high": range_.high}
    if range_.log:
        json["scale"] = "log"
    if range_.step is not None:
        json["step"] = range_.step
    return json


def _parse_parameter(name: str, given: Parameter | Mapping[str, Any] | Value) -> Parameter:
    if isinstance(given, Float | Int | Categorical | Constant):
        return given
    if not isinstance(given, Mapping):
        return Constant(given)
    try:
        match given["type"]:
            case "float":
                return Float(given["low"], given["high"], given.get("scale") == "log", given.get("step"))
            case "int":
                return Int(given["low"], given["high"], given.get("scale") == "log", given.get("step"))
            case "categorical":
                return Categorical(given["choices"])
            case "constant":
                return Constant(given["value"])
            case other:
                raise ValueError(f"space[{name!r}].type is {other!r}; use Float, Int, Categorical or a plain value")
    except KeyError as error:
        raise ValueError(f"space[{name!r}] lacks {error.args[0]!r}") from None
