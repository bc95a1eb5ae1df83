"""Import of the results of an Optuna study. Optuna itself is not needed."""

from __future__ import annotations

import logging
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gradsmith.client import Client
from gradsmith.plain import to_plain
from gradsmith.settings import normalize_known
from gradsmith.space import (
    Categorical,
    Constant,
    Float,
    Int,
    Parameter,
    Program,
    SpaceInput,
    Value,
    list_active,
    parse_space,
)
from gradsmith.study import Study

log = logging.getLogger("gradsmith")

#: Results that a job knows at most.
MOST_RESULTS = 500
#: Why a finished trial is left out.
NOT_IN_SPACE = "with a point outside of the space"
NO_BOUND = "pruned before a value was reported"
NO_NUMBER = "without a finite value"
NOT_AMONG_BEST = f"not among the best {MOST_RESULTS}"
#: How far a value may be from the grid of its parameter, in steps.
GRID_TOLERANCE = 1e-9


def import_optuna(
    optuna_study: Any,
    client: Client | None = None,
    *,
    n_trials: int,
    name: str | None = None,
    space: SpaceInput | None = None,
    include_failed: bool = False,
    **settings: Any,
) -> Study:
    """Create a study that continues a study of Optuna, and return it.

    The optimizer knows the results of the finished trials from the start. They are no trials of the new study: they
    do not count for its budget, and its best trial is one of its own. At most 500 results are imported, the best ones.
    If there is a study of this name already, nothing is imported, the log says so, and it is returned.

    Args:
        optuna_study: A study of Optuna with one objective.
        client: The client of the service. By default, `Client()`.
        n_trials: The budget of the new study, without the imported trials.
        name: Its name. By default, that of the Optuna study, in lower case and with dashes for other characters.
        space: Its space. By default, the distributions of the trials. A parameter that only some trials have gets the
            condition that explains this, if it depends on one categorical parameter. Results outside of the space are
            left out, with a warning.
        include_failed: Whether to import failed trials as failures of their points. By default they are left out,
            because Optuna marks interrupted trials as failed, too.
        settings: Other arguments of `Client.study`, such as `algorithm` or `max_parallelism`.

    Raises:
        ValueError: The study has several objectives, or its trials do not have the same space, or it has a choice that
            is no text, number or boolean.
    """
    if len(optuna_study.directions) != 1:
        raise ValueError(f"the Optuna study has {len(optuna_study.directions)} objectives; only one can be imported")
    direction = optuna_study.directions[0].name.lower()
    declared = _read_space(optuna_study.trials) if space is None else parse_space(space)
    read = [_read_result(trial, declared, include_failed=include_failed) for trial in optuna_study.trials]
    results = [result for result in read if isinstance(result, dict)]
    results.sort(key=lambda result: _rank(result, direction))
    known = results[:MOST_RESULTS]
    left = Counter(result for result in read if isinstance(result, str))
    left[NOT_AMONG_BEST] = sum(result["outcome"] != "failed" for result in results[MOST_RESULTS:])
    client = client or Client()
    name = name or _make_name(optuna_study.study_name)
    exists = client._find(name) is not None
    settings = {**settings, "n_trials": n_trials, "direction": direction, "known": () if exists else known}
    study = client.study(name, declared, **settings)
    stored = study.spec["search"]["known"]
    if stored != normalize_known(known):
        _warn_of_existing(study, len(stored), len(known))
    elif exists:
        log.info("the study %s (%s) exists, with the same %d imported trials", study.name, study.id, len(known))
    else:
        _log_import(study, len(known), left)
    return study


def _warn_of_existing(study: Study, stored: int, results: int) -> None:
    log.warning(
        "nothing is imported: the study %s (%s) exists and is %s, with %d known results. To import the %d trials of "
        "the Optuna study, choose another name=, or delete() the study first",
        study.name,
        study.id,
        study.state,
        stored,
        results,
    )


def _log_import(study: Study, imported: int, left: Counter[str]) -> None:
    level = logging.WARNING if left.total() > left[NOT_AMONG_BEST] else logging.INFO
    reasons = ", ".join(f"{count} {reason}" for reason, count in left.items() if count)
    log.log(
        level,
        "%d trials of the Optuna study are imported into %s; %d complete or pruned ones are left out%s",
        imported,
        study.name,
        left.total(),
        f": {reasons}" if reasons else "",
    )


def _read_space(trials: Any) -> dict[str, Parameter]:
    space: dict[str, Parameter] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            parameter = _read_distribution(name, distribution)
            if space.setdefault(name, parameter) != parameter:
                raise ValueError(
                    f"the trials of the Optuna study have {name!r} as {space[name]!r} and as {parameter!r}; "
                    "give the space= that the new study is to have"
                )
    if not space:
        raise ValueError("the Optuna study has no trial that suggested a parameter; give space=, or use Client.study")
    finished = [trial.params for trial in trials if trial.state.name in ("COMPLETE", "PRUNED")]
    return {name: _add_condition(name, parameter, space, finished) for name, parameter in space.items()}


def _add_condition(
    name: str, parameter: Parameter, space: Mapping[str, Parameter], points: Sequence[Mapping[str, Any]]
) -> Parameter:
    """Return the parameter with the choices of another one under which trials have it, if that explains all trials."""
    having = [point for point in points if name in point]
    lacking = [point for point in points if name not in point]
    if not lacking:
        return parameter
    for parent, other in space.items():
        if parent == name or not isinstance(other, Categorical) or any(parent not in point for point in having):
            continue
        allowed = [choice for choice in other.choices if any(point[parent] == choice for point in having)]
        others = [point[parent] for point in lacking if parent in point]
        if others and not any(choice in allowed for choice in others):
            return replace(parameter, when={parent: allowed})
    return parameter


def _read_distribution(name: str, distribution: Any) -> Parameter:
    kind = type(distribution).__name__
    if kind == "FloatDistribution":
        return Float(distribution.low, distribution.high, distribution.log, distribution.step)
    if kind == "IntDistribution":
        return Int(distribution.low, distribution.high, distribution.log, distribution.step)
    if kind != "CategoricalDistribution":
        raise ValueError(f"{name!r} has the distribution {kind}, which cannot be imported")
    choices = to_plain(distribution.choices)
    wrong = [choice for choice in choices if not isinstance(choice, bool | int | float | str)]
    if wrong:
        raise ValueError(
            f"{name!r} has the choice {wrong[0]!r}; choices are text, numbers, True or False. Give a space= without it"
        )
    return Categorical(choices)


def _read_result(trial: Any, space: Mapping[str, Parameter], *, include_failed: bool) -> dict[str, Any] | str | None:
    """Return a finished trial as the service takes it, or why it cannot be known; None if it is not to be imported."""
    state = trial.state.name
    if state not in ("COMPLETE", "PRUNED") and not (state == "FAIL" and include_failed):
        return None
    given = {name: to_plain(value) for name, value in trial.params.items() if name in space}
    constants = {name: one.value for name, one in space.items() if isinstance(one, Constant)}
    active = list_active(space, given)
    point = {**given, **{name: value for name, value in constants.items() if name in active}}
    fits = set(point) == set(active) and all(_contains(space[name], value) for name, value in point.items())
    if state == "FAIL":
        return {"point": point, "outcome": "failed"} if fits else None
    if not fits:
        return NOT_IN_SPACE
    value = trial.value
    if value is None and state == "PRUNED":
        return NO_BOUND
    if value is None or not math.isfinite(value):
        return NO_NUMBER
    return {"point": point, "outcome": state.lower(), "value": float(value)}


def _contains(parameter: Parameter, value: Value) -> bool:
    if isinstance(parameter, Categorical):
        return any(choice == value and type(choice) is type(value) for choice in parameter.choices)
    if isinstance(parameter, Constant):
        return True
    if isinstance(parameter, Program):
        return isinstance(value, str)
    if isinstance(value, str | bool) or not parameter.low <= value <= parameter.high:
        return False
    if isinstance(parameter, Int) and value != int(value):
        return False
    steps = (value - parameter.low) / parameter.step if parameter.step else 0.0
    return abs(steps - round(steps)) <= GRID_TOLERANCE


def _rank(result: Mapping[str, Any], direction: str) -> tuple[bool, bool, float]:
    """Return a key that sorts complete results first, the best of them first, and failed ones last."""
    value = result.get("value", 0.0)
    outcome = result["outcome"]
    return outcome == "failed", outcome == "pruned", value if direction == "minimize" else -value


def _make_name(name: str) -> str:
    made = re.sub(r"[^a-z0-9._-]+", "-", name.lower())[:64].strip("._-")
    return made or "optuna"
