"""The parameters of a search space."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeAlias

from gradsmith.plain import check_mapping, to_plain

Value: TypeAlias = bool | int | float | str
#: The values of other parameters that make a parameter active; all of them are needed.
Condition: TypeAlias = Mapping[str, Sequence[Value]]


def check_value(what: str, value: Any) -> Any:
    """Return a value that a parameter can have, as a value of Python.

    Raises:
        ValueError: It is no text, finite number, True or False.
    """
    value = to_plain(value)
    if not isinstance(value, bool | int | float | str):
        advice = "; give None a name, such as 'none', and translate it in the objective" if value is None else ""
        raise ValueError(f"{what} is {value!r:.200}; it must be text, a finite number, True or False{advice}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{what} is {value}; it must be text, a finite number, True or False")
    return value


def _make_plain(parameter: Parameter) -> None:
    """Replace the numbers of other libraries in the fields of a new parameter."""
    for one in fields(parameter):
        object.__setattr__(parameter, one.name, to_plain(getattr(parameter, one.name)))


def _check_range(parameter: Float | Int) -> None:
    """Raise ValueError if a number of the range is not finite."""
    for name, value in (("low", parameter.low), ("high", parameter.high), ("step", parameter.step)):
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{type(parameter).__name__}: {name} is {value}; it must be a finite number")


@dataclass(frozen=True)
class Float:
    """A number from `low` to `high`.

    Attributes:
        low: The smallest value.
        high: The largest value, included.
        log: Whether the value varies over orders of magnitude; `low` must then be greater than 0.
        step: If given, only low, low + step, low + 2 * step, ... are values.
        when: If given, trials have the parameter only if each parameter named here has one of the listed values:
            `when={"optimizer": ["adam", "adamw"]}`.
    """

    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: Condition | None = field(default=None, kw_only=True, hash=False)

    def __post_init__(self) -> None:
        _make_plain(self)
        _check_range(self)

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
    when: Condition | None = field(default=None, kw_only=True, hash=False)

    def __post_init__(self) -> None:
        _make_plain(self)
        _check_range(self)
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
    """One of several values without an order: text, numbers, True or False. `when` is that of `Float`."""

    choices: tuple[Value, ...]
    when: Condition | None = field(default=None, hash=False)

    def __init__(self, choices: Sequence[Value], *, when: Condition | None = None) -> None:
        # A text is a sequence, too: of its letters.
        if isinstance(choices, str) or not isinstance(choices, Iterable):
            kind = "the text " if isinstance(choices, str) else ""
            raise TypeError(f"choices is {kind}{choices!r:.200}; it must be a list of values")
        object.__setattr__(self, "choices", tuple(check_value("a choice", choice) for choice in choices))
        object.__setattr__(self, "when", to_plain(when))

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return _with_condition({"type": "categorical", "choices": list(self.choices)}, self.when)

    def read(self, value: Value) -> Value:
        """Return a value of the service as it is among the choices."""
        for choice in self.choices:
            if _is_same(choice, value):
                return choice
        return value


@dataclass(frozen=True)
class Constant:
    """A parameter with one value. `when` is that of `Float`."""

    value: Value
    when: Condition | None = field(default=None, kw_only=True, hash=False)

    def __post_init__(self) -> None:
        _make_plain(self)
        check_value("a constant", self.value)

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        return _with_condition({"type": "constant", "value": self.value}, self.when)

    def read(self, value: Value) -> Value:
        """Return a value of the service as a Python value."""
        return value


#: The range of the constants of formulas, by default.
USUAL_CONSTANTS = {"low": -2, "high": 2}


@dataclass(frozen=True)
class Program:
    """A formula, which `algorithm="evolution"` or `"random"` searches. Trials get it as text.

    Attributes:
        operands: The names that a formula may use.
        functions: The functions that it may use; changes of sign are always allowed.
        max_nodes: Operands, constants and functions of a formula, at most.
        constants: The range of constants, `low` and `high`; None for none.
        start: Formulas that a search tries first.
        probes: What an operand is where formulas are compared: a formula of standard normal values.
        when: That of `Float`.
    """

    operands: Sequence[str]
    functions: Sequence[str]
    max_nodes: int = 15
    constants: Mapping[str, float] | None = field(default_factory=lambda: dict(USUAL_CONSTANTS), hash=False)
    start: Sequence[str] = ()
    probes: Mapping[str, str] = field(default_factory=dict, hash=False)
    when: Condition | None = field(default=None, kw_only=True, hash=False)

    def __post_init__(self) -> None:
        _make_plain(self)
        for name in ("operands", "functions", "start"):
            given = getattr(self, name)
            # A text is a sequence, too: of its letters.
            if isinstance(given, str):
                raise TypeError(f"{name} is the text {given!r}; it must be a list of texts")
            object.__setattr__(self, name, tuple(given))

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as the space of a job contains it."""
        json: dict[str, Any] = {"type": "program", "operands": list(self.operands), "functions": list(self.functions)}
        json["maxNodes"] = self.max_nodes
        json["constants"] = False if self.constants is None else dict(self.constants)
        if self.start:
            json["start"] = list(self.start)
        if self.probes:
            json["probes"] = dict(self.probes)
        return _with_condition(json, self.when)

    def read(self, value: Any) -> str:
        """Return a value of the service as a Python value."""
        return str(value)


Parameter: TypeAlias = Float | Int | Categorical | Constant | Program
#: What the space of a study may contain: a parameter, one as in a job file, or a plain value, which is a constant.
SpaceInput: TypeAlias = Mapping[str, Parameter | Mapping[str, Any] | Value]


def parse_space(space: SpaceInput) -> dict[str, Parameter]:
    """Return the parameters of a space, however they are written."""
    return {name: _list_values(_parse_parameter(name, given)) for name, given in check_mapping("space", space).items()}


def parse_stored_space(space: Mapping[str, Mapping[str, Any]]) -> dict[str, Parameter]:
    """Return the parameters of a stored job. Its programs without a range of constants have no constants."""
    stored = {name: {"constants": False, **one} if one["type"] == "program" else one for name, one in space.items()}
    return parse_space(stored)


def space_to_json(space: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return a space as a job contains it."""
    return {name: parameter.to_json() for name, parameter in space.items()}


def describe_space(space: Mapping[str, Parameter]) -> str:
    """Return a space as Python code."""
    return "{" + ", ".join(f"{name!r}: {parameter!r}" for name, parameter in space.items()) + "}"


def _list_values(parameter: Parameter) -> Parameter:
    """Return the parameter with the condition as the service gives it: equal ones are then equal."""
    if parameter.when is None:
        return parameter
    return replace(parameter, when={name: list(values) for name, values in parameter.when.items()})


def _range_to_json(kind: str, range_: Float | Int) -> dict[str, Any]:
    json: dict[str, Any] = {"type": kind, "low": range_.low, "high": range_.high}
    if range_.log:
        json["scale"] = "log"
    if range_.step is not None:
        json["step"] = range_.step
    return _with_condition(json, range_.when)


def _with_condition(json: dict[str, Any], when: Condition | None) -> dict[str, Any]:
    return json if when is None else {**json, "when": {name: list(values) for name, values in when.items()}}


def list_active(space: Mapping[str, Parameter], values: Mapping[str, Value]) -> list[str]:
    """Return the parameters that a point with these values has."""
    known = {name: one.value for name, one in space.items() if isinstance(one, Constant)} | dict(values)
    active: dict[str, bool] = {}

    def is_active(name: str) -> bool:
        if name not in active:
            active[name] = False  # what depends on itself is refused by the service
            active[name] = all(
                parent in space and is_active(parent) and any(_is_same(known.get(parent), one) for one in allowed)
                for parent, allowed in (space[name].when or {}).items()
            )
        return active[name]

    return [name for name in space if is_active(name)]


def _is_same(a: Any, b: Any) -> bool:
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def _parse_parameter(  # noqa: PLR0911 - one for each type
    name: str, given: Parameter | Mapping[str, Any] | Value
) -> Parameter:
    if isinstance(given, Float | Int | Categorical | Constant | Program):
        return given
    if not isinstance(given, Mapping):
        return Constant(check_value(f"space[{name!r}]", given))
    when = given.get("when")
    try:
        match given["type"]:
            case "float":
                return Float(given["low"], given["high"], given.get("scale") == "log", given.get("step"), when=when)
            case "int":
                return Int(given["low"], given["high"], given.get("scale") == "log", given.get("step"), when=when)
            case "categorical":
                return Categorical(given["choices"], when=when)
            case "constant":
                return Constant(given["value"], when=when)
            case "program":
                return Program(
                    given["operands"],
                    given["functions"],
                    given.get("maxNodes", 15),
                    given.get("constants", USUAL_CONSTANTS) or None,
                    given.get("start", ()),
                    given.get("probes", {}),
                    when=when,
                )
            case other:
                message = f"space[{name!r}].type is {other!r}; use Float, Int, Categorical, Program or a plain value"
                raise ValueError(message)
    except KeyError as error:
        raise ValueError(f"space[{name!r}] lacks {error.args[0]!r}") from None
