"""The entry point: a client of one service."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from gradsmith.durations import format_seconds
from gradsmith.errors import Conflict, GradsmithError, SpaceMismatch
from gradsmith.optuna_names import CREATE_ARGUMENTS, explain_arguments
from gradsmith.plain import check_mapping, to_plain
from gradsmith.settings import list_differences
from gradsmith.space import Parameter, SpaceInput, describe_space, parse_space, space_to_json
from gradsmith.study import Study
from gradsmith.transport import Call, Transport

log = logging.getLogger("gradsmith")

#: The only form of a job id.
JOB_ID = re.compile(r"job_[0-9a-z]{20}")
#: Longest name of a job.
LONGEST_NAME = 64
#: How often studies of one name may be renamed, before another one of this name cannot be created.
MOST_RENAMED = 1000


class Client:
    """A client of the service at `url`.

    Args:
        url: The address of the service, such as `http://localhost:8080`. By default, GRADSMITH_URL.
        key: An API key, if the service requires one. By default, GRADSMITH_API_KEY.
        retry_for: How long a call is repeated while the service does not answer or is busy, in seconds. Results of
            trials are sent again without a limit.
        timeout: How long one try may take, in seconds.
    """

    def __init__(
        self, url: str | None = None, key: str | None = None, *, retry_for: float = 30.0, timeout: float = 30.0
    ) -> None:
        address = url or os.environ.get("GRADSMITH_URL")
        if not address:
            raise ValueError("the client needs the address of the service: Client(url), or GRADSMITH_URL")
        if not address.startswith(("http://", "https://")):
            raise ValueError(f"the address of the service is {address!r}; it begins with http:// or https://")
        self._transport = Transport(
            address, key or os.environ.get("GRADSMITH_API_KEY"), retry_for=retry_for, timeout=timeout
        )

    @explain_arguments(CREATE_ARGUMENTS)
    def study(
        self,
        name_or_id: str,
        space: SpaceInput | None = None,
        *,
        n_trials: int | None = None,
        direction: str | None = None,
        metric: str | None = None,
        seed: int | None = None,
        algorithm: str | None = None,
        initial: int | None = None,
        pruning: str | Mapping[str, Any] | None = None,
        max_parallelism: int | None = None,
        trial_timeout: str | float | None = None,
        labels: Mapping[str, str] | None = None,
        known: Sequence[Mapping[str, Any]] = (),
        constraints: Sequence[str | Mapping[str, Any]] = (),
        objectives: Sequence[Mapping[str, Any]] = (),
    ) -> Study:
        """Return the study with this name or id. With `space`, it is created if there is none.

        Programs that call this at the same time, with the same arguments, get the same study. An existing study keeps
        its settings: if other ones are given, a warning in the log names each.

        Args:
            name_or_id: Lower-case letters, digits, dots, dashes and underscores; or the id of a job. If several jobs
                have the name, the newest one is returned.
            space: The parameters by name: `{"lr": Float(1e-5, 1e-1, log=True)}`. An existing study must have the same.
            n_trials: The budget: the number of trials of all programs together. An existing study with a smaller one
                is extended; one with a larger one keeps it.
            direction: `minimize` (default) or `maximize`. An existing study must have the same.
            metric: What the objective measures, for people. Default: `value`.
            seed: Seed of the search, and `trial.seed`. Default: 0.
            algorithm: `gp` (default), `tpe`, `cma-es`, `nsga-ii` (several objectives), `random`, `sobol` or `grid`.
            initial: The number of points that are spread over the space before the first one of the model. Default: 8.
            pruning: `none` (default), `median`, `asha`, or `{"rule": "patience", "steps": 10}`: a trial whose value has
                not improved for so many steps stops, unless it is among the best.
            max_parallelism: The number of trials that are open at the same time, in all programs together. Choose the
                number of programs and threads: so many points are proposed before the result of the first is known.
                Default: 4.
            trial_timeout: The time after which an attempt at a trial fails, even with heartbeats. Default: `7d`.
            labels: Labels by name, for filtering lists.
            known: Earlier results that the optimizer of a new study starts from: `{"point": {...}, "value": 0.3}`.
            constraints: Comparisons that every point of a new study fulfills, such as `"batch * width <= 65536"`, and
                limits of what the objective puts into `trial.metrics`, such as `{"metric": "latency", "max": 20}`.
            objectives: Two or three objectives of a new study, in place of one: `{"metric": "latency", "goal":
                "minimize"}`. One is `metric`. The objective returns a value for each, in this order, and
                `best_trials` has the front; there is no best trial.

        Raises:
            GradsmithError: There is no such study, and no `space` to create one.
            SpaceMismatch: The study exists with another space or direction.
        """
        declared = None if space is None else parse_space(space)
        for what, results in (("known", known), ("objectives", objectives)):
            for i, each in enumerate(results):
                check_mapping(f"{what}[{i}]", each)
        if labels is not None:
            check_mapping("labels", labels)
        asked = to_plain(
            {
                "metric": metric,
                "seed": seed,
                "algorithm": algorithm,
                "initial": initial,
                "pruning": pruning,
                "max_parallelism": max_parallelism,
                "trial_timeout": trial_timeout,
                "labels": labels,
                "known": known,
                "constraints": constraints,
                "objectives": objectives,
            }
        )
        found = self._find(name_or_id)
        if found is not None:
            return _continue(found, declared, direction, n_trials, asked)
        if declared is None or n_trials is None:
            raise GradsmithError(f"there is no study {name_or_id!r}; give space= and n_trials= to create it")
        job: dict[str, Any] = {
            "name": name_or_id,
            "labels": dict(labels or {}),
            "objective": {
                "kind": "external",
                "metric": {"name": metric or "value", "direction": direction or "minimize"},
                "seed": seed or 0,
            },
            "space": space_to_json(declared),
            "search": {
                "algorithm": "gp" if algorithm is None else algorithm,
                "trials": n_trials,
                "maxParallelism": 4 if max_parallelism is None else max_parallelism,
                "seed": seed or 0,
                "pruning": dict(pruning) if isinstance(pruning, Mapping) else pruning or "none",
                "known": [dict(result) for result in known],
            },
            "limits": {"trialTimeout": format_seconds("7d" if trial_timeout is None else trial_timeout)},
        }
        if initial is not None:
            job["search"]["initial"] = initial
        if constraints:
            job["constraints"] = list(constraints)
        if objectives:
            job["objectives"] = [dict(objective) for objective in objectives]
        created = self._create_named(name_or_id, job)
        if created is not None:
            return created
        found = self._find(name_or_id)
        if found is None:
            raise GradsmithError(f"the study {name_or_id!r} could not be created; other studies have its keys")
        return _continue(found, declared, direction, n_trials, asked)

    def create_job(self, /, job: Mapping[str, Any] | None = None, *, key: str | None = None, **fields: Any) -> Study:
        """Create a job from the fields of a job file, and return it as a study.

        Args:
            job: The job, as a job file contains it. The space may contain `Float`, `Int` and `Categorical`.
            key: Idempotency key: the same key with the same job returns the first one. By default, a random one.
            fields: Fields of the job, in place of those of `job` or in addition to them.
        """
        whole = {**(job or {}), **fields}
        if "space" in whole:
            whole["space"] = {name: _to_json(given) for name, given in check_mapping("space", whole["space"]).items()}
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return Study(self._transport, self._transport.send(Call("POST", "/v1/jobs", whole, headers=headers)))

    def _find(self, name_or_id: str) -> Study | None:
        job = name_or_id if JOB_ID.fullmatch(name_or_id) else self._find_by_name(name_or_id)
        return None if job is None else Study(self._transport, self._transport.send(Call("GET", f"/v1/jobs/{job}")))

    def _find_by_name(self, name: str) -> str | None:
        if not 0 < len(name) <= LONGEST_NAME:
            return None
        page = self._transport.send(Call("GET", "/v1/jobs", query={"fullName": name, "limit": 1}))
        return str(page["items"][0]["id"]) if page["items"] else None

    def _create_named(self, name: str, job: Mapping[str, Any]) -> Study | None:
        """Create the study of this name; None if another program has just created it with other arguments."""
        for i in range(MOST_RENAMED):
            # The same keys in every program, so that one of those that start together creates the study. A name has no
            # space. If a study was renamed, the job of its key has another name now, and the next key is used.
            key = hashlib.sha256((f"study {name} {i}" if i else f"study {name}").encode()).hexdigest()
            try:
                study = self.create_job(job, key=key)
            except Conflict:
                if self._find_by_name(name) is not None:
                    return None
            else:
                if study.name == name:
                    return study
        return None


def _to_json(given: Any) -> Any:
    return given.to_json() if isinstance(given, Parameter) else given


def _continue(
    found: Study,
    space: dict[str, Parameter] | None,
    direction: str | None,
    n_trials: int | None,
    asked: Mapping[str, Any],
) -> Study:
    _check_same(found, space, direction)
    differences = list_differences(found.spec, asked)
    if n_trials is not None:
        budget = found.status()["budget"]
        if n_trials > budget:
            found.extend(n_trials)
        elif n_trials < budget:
            differences.append(f"n_trials is {budget}, not {n_trials} (a budget can only grow)")
    _warn_of_differences(found, differences)
    return found


def _check_same(study: Study, space: dict[str, Parameter] | None, direction: str | None) -> None:
    if space is not None and space != study.space:
        raise SpaceMismatch(
            f"the study {study.name} ({study.id}) exists with another space: {describe_space(study.space)}. "
            "Choose another name, or delete() the study, or leave space= out to continue it."
        )
    if direction is not None and direction != (existing := study.direction):
        raise SpaceMismatch(
            f"the study {study.name} ({study.id}) exists with direction={existing!r}; "
            "choose another name, or delete() the study"
        )


def _warn_of_differences(study: Study, differences: list[str]) -> None:
    if differences:
        log.warning(
            "the study %s (%s) exists and keeps its settings: %s. To use others, choose another name, or delete() the "
            "study first",
            study.name,
            study.id,
            "; ".join(differences),
        )
