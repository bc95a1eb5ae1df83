"""Numbers of NumPy and of other libraries, as numbers of Python."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

#: Types that JSON has.
PLAIN = (bool, int, float, str, type(None))


def check_mapping(what: str, given: Any) -> Mapping[str, Any]:
    """Return what was given if it has names and values.

    Raises:
        TypeError: It is no dictionary or other mapping.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} is {given!r:.200}; it must be a dictionary")
    return given


def to_plain(value: Any) -> Any:
    """Return the value with numbers, texts and lists of Python in place of those of other libraries.

    NumPy and PyTorch are not imported: their numbers and arrays have `tolist`. Other types are returned as they are.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, Mapping):
        return {name: to_plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        listed = [to_plain(each) for each in value]
        return tuple(listed) if isinstance(value, tuple) else listed
    to_list = getattr(value, "tolist", None)
    if callable(to_list) and not isinstance(value, type):
        given = to_list()
        if type(given) is not type(value):  # long doubles of NumPy have no type in Python
            return to_plain(given)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value
