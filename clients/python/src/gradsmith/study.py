"""A study: a job of the service whose trials Python programs measure."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from gradsmith.batch import Measured, ask_trials, check_trial, tell_trials
from gradsmith.durations import format_seconds
from gradsmith.errors import NoCompleteTrial, NoTrial
from gradsmith.figures import draw_curves, draw_importance, draw_search
from gradsmith.html import render_status
from gradsmith.optimize import Objective, Run, Settings
from gradsmith.optuna_names import (
    ASK_ARGUMENTS,
    ENQUEUE_ARGUMENTS,
    OPTIMIZE_ARGUMENTS,
    STUDY_NAMES,
    TABLE_ARGUMENTS,
    TELL_ARGUMENTS,
    ExplainsNames,
    explain_arguments,
)
from gradsmith.plain import check_mapping
from gradsmith.records import FrozenTrial, build_dataframe, read_state, read_trial
from gradsmith.space import Parameter, check_value, parse_stored_space
from gradsmith.transport import Call, Transport
from gradsmith.trial import Trial

if TYPE_CHECKING:
    from pandas import DataFrame

log = logging.getLogger("gradsmith")

#: Called with the study and a trial that was measured.
Callback: TypeAlias = Callable[["Study", FrozenTrial], None]

#: States in which a study takes no points any more.
FINISHED = ("completed", "exhausted", "failed", "cancelled")
#: What `tell` takes as the state of a trial.
STATES = (None, "complete", "pruned", "fail")
#: Trials in one request.
PAGE = 500
#: The largest budget of which a notebook draws figures.
MOST_DRAWN = 5_000
#: Best trials whose curves are drawn, and parameters whose importance is.
BEST_CURVES = 3
MOST_BARS = 12


class Study(ExplainsNames):
    """A study, made by `Client.study` or `Client.create_job`.

    Any number of programs may work on the same study at once, on one machine or on many.

    Attributes:
        id: The id of the job.
        name: The name of the job.
        spec: The job with every default, and with the name, labels and priority that it had when it was read last:
            when this object was made, or by `edit`.
        space: The parameters of the space by name.
    """

    _replacements = STUDY_NAMES

    def __init__(self, transport: Transport, resource: Mapping[str, Any]) -> None:
        self.id: str = resource["id"]
        self.spec: dict[str, Any] = resource["spec"]
        self.name: str = self.spec["name"]
        self.space: dict[str, Parameter] = parse_stored_space(self.spec["space"])
        self._transport = transport
        self._runs: set[Run] = set()

    def __repr__(self) -> str:
        """Return the name and the id."""
        return f"<Study {self.name!r} {self.id} at {self._transport.url}>"

    @explain_arguments(OPTIMIZE_ARGUMENTS)
    def optimize(
        self,
        objective: Objective,
        n_trials: int | None = None,
        *,
        n_jobs: int = 1,
        timeout: float | None = None,
        catch: type[Exception] | Sequence[type[Exception]] = (),
        callbacks: Sequence[Callback] = (),
        lease: str | float = "60s",
    ) -> None:
        """Measure trials with the objective until the study has finished.

        Results are kept and sent again while the service is away, however long that takes. Each trial is reported once.

        Args:
            objective: Takes a `Trial` and returns its value, or with several objectives a value for each, in their
                order. What happens with other outcomes:
                nan, infinity and anything that is no number fail the trial; `TrialPruned` prunes it, also that of
                Optuna; another exception fails the attempt, and is raised here; Ctrl-C and SystemExit hand the trial
                to other programs.
            n_trials: The largest number of trials that this call measures. By default, it ends with the study.
            n_jobs: The number of threads that measure trials at the same time; -1: one for each processor.
            timeout: No trial is started after so many seconds. The call also ends then if the service is away.
            catch: Exceptions that fail their trial with their message and do not end this call.
            callbacks: Called as `callback(study, trial)` after each trial of this call that has a result, or failed.
            lease: Another program gets a trial after this time without a heartbeat. Heartbeats are sent by a thread
                about four times as often. Choose a longer lease if the objective keeps other threads from running.

        Raises:
            StudyFailed: The study failed, for example because too many trials failed.
            ApiError: The service refused a call.
        """
        settings = self._choose_settings(n_trials, n_jobs, timeout, catch, lease)
        if callbacks:
            settings = replace(settings, after=lambda number: self._call_back(callbacks, number))
        run = Run(self._transport, self.id, self.space, objective, settings)
        self._runs.add(run)
        try:
            run.execute()
        finally:
            self._runs.discard(run)

    def _call_back(self, callbacks: Sequence[Callback], number: int) -> None:
        trial = self.get_trial(number)
        for callback in callbacks:
            callback(self, trial)

    def _choose_settings(
        self,
        n_trials: int | None,
        n_jobs: int,
        timeout: float | None,
        catch: type[Exception] | Sequence[type[Exception]],
        lease: str | float,
    ) -> Settings:
        caught = (catch,) if isinstance(catch, type) else tuple(catch)
        count = os.cpu_count() or 1 if n_jobs == -1 else n_jobs
        if count < 1:
            raise ValueError(f"n_jobs is {n_jobs}; it must be at least 1, or -1 for one thread for each processor")
        open_at_once = self.spec["search"]["maxParallelism"]
        if count > open_at_once:
            log.warning("n_jobs is %d, but only max_parallelism=%d trials are open at once", count, open_at_once)
        objectives = tuple(objective["metric"] for objective in self.spec.get("objectives") or ())
        metric = self.spec["objective"]["metric"]["name"] if objectives else ""
        return Settings(n_trials, count, timeout, caught, format_seconds(lease), objectives, metric)

    @explain_arguments(ASK_ARGUMENTS)
    def ask(self, *, timeout: float | None = None, lease: str | float = "60s") -> Trial:
        """Start a trial, for a program that has a loop. Report its result with `tell`.

        A thread keeps the lease of the trial until then. If the program ends without a result, the trial goes to
        another program when the lease is over. A program that goes on without a result keeps the trial: tell one
        that cannot be measured with `state="fail"`, and hand one that others should measure back with `release`.

        Args:
            timeout: How long to wait for a trial, in seconds; None: until the study has finished.
            lease: Another program gets the trial after this time without a heartbeat.

        Raises:
            NoTrial: The study has finished, or there was no trial until the time was over.
            Unavailable: When the time was over, the service did not answer. Without `timeout`, the call waits for it.
            ApiError: The service refused the call.
        """
        trials = self.ask_many(1, timeout=timeout, lease=lease)
        if not trials:
            raise NoTrial(f"{self.name} has no trial to measure: it is {self.state}")
        return trials[0]

    def ask_many(self, n: int, *, timeout: float | None = None, lease: str | float = "60s") -> list[Trial]:
        """Start up to `n` trials in one request: as many as are free, at most `max_parallelism` of all programs.

        It waits only if none is free. Arguments are those of `ask`; `n` is from 1 to 100.

        Returns:
            The trials; empty if the study has finished, or there was none until the time was over.

        Raises:
            Unavailable: When the time was over, the service did not answer. Without `timeout`, the call waits for it.
            ApiError: The service refused the call.
        """
        return ask_trials(self._transport, self.id, self.space, n, lease=format_seconds(lease), timeout=timeout)

    @explain_arguments(TELL_ARGUMENTS)
    def tell(self, trial: Trial, value: Measured = None, *, state: str | None = None) -> str:
        """Report the result of a trial of `ask` once, for as long as it takes until the service answers.

        Args:
            trial: The trial. What it has reported and its `metrics` are stored with the result.
            value: The value, or with several objectives a value for each, in their order. Without a finite one the
                trial fails.
            state: `complete` (default), `fail`, or `pruned`: then the value, or else the last reported one, is a bound.

        Returns:
            `reported`; `already`; `failed`; `stale`, if another program has the trial; or `conflict`, if it had another
            result before.
        """
        return self._tell([describe_outcome(trial, value, state)])[0]

    def tell_many(self, results: Sequence[tuple[Trial, Measured]]) -> list[str]:
        """Report the results of complete trials, and return the answer to each, as `tell`.

        Up to 100 results, or half a megabyte of them, go into one request. The service stores all results of a
        request or none. If it refuses a request, the others are sent all the same.

        Raises:
            ApiError: A request was refused. `problems` names each result that is not valid by its place
                (`/results/120/metrics/latency`), and `answers` has the answer to each result that is stored. Tell the
                others again, as corrected; telling all again does no harm.
        """
        return self._tell([(trial, value, "complete") for trial, value in results])

    def release(self, trial: Trial, reason: str = "the program handed it back") -> None:
        """Hand a trial of `ask` to other programs, without a result.

        If the service does not answer for some seconds, they get the trial when its lease is over. After a result, it
        does nothing.

        Args:
            trial: The trial.
            reason: Why, for people; the history of the trial has it.
        """
        check_trial(trial, self.id)
        trial._lease.release(reason)

    def _tell(
        self, results: Sequence[tuple[Trial, Measured, str]], *, stop: threading.Event | None = None
    ) -> list[str]:
        objectives = [objective["metric"] for objective in self.spec.get("objectives") or ()]
        metric = self.spec["objective"]["metric"]["name"]
        return tell_trials(self._transport, self.id, objectives, metric, results, stop=stop)

    def stop(self) -> None:
        """End `optimize` after the trials that run; for use in an objective. Other programs continue."""
        for run in list(self._runs):
            run.stop()

    @property
    def best_trial(self) -> FrozenTrial:
        """The complete trial with the best value.

        Raises:
            NoCompleteTrial: There is none yet.
        """
        if self.spec.get("objectives"):
            raise NoCompleteTrial(f"{self.name} has several objectives and no best trial; use best_trials")
        items = self._get("best", limit=1)["items"]
        if not items:
            raise NoCompleteTrial(f"no trial of {self.name} is complete yet")
        return read_trial(items[0], self.space)

    @property
    def best_trials(self) -> list[FrozenTrial]:
        """The trials that no other is better than in all objectives, at most 100; with one objective the best one."""
        pareto = self.status().get("pareto")
        if pareto is None:
            return [read_trial(item, self.space) for item in self._get("best", limit=1)["items"]]
        return [read_trial(self._get(f"trials/{item['trial']}"), self.space) for item in pareto["front"]]

    @property
    def best_params(self) -> dict[str, Any]:
        """The parameters of the best trial."""
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        """The value of the best trial."""
        value = self.best_trial.value
        assert value is not None
        return value

    @property
    def trials(self) -> list[FrozenTrial]:
        """All trials, by number."""
        return self.get_trials()

    def get_trials(
        self, state: str | None = None, *, states: Iterable[object] | None = None, deepcopy: bool = True
    ) -> list[FrozenTrial]:
        """Return the trials by number: all, or those in one state, or in some.

        Args:
            state: `pending`, `running`, `complete`, `pruned`, `diverged`, `failed` or `cancelled`.
            states: Several states, as text or as `TrialState` of Optuna.
            deepcopy: Ignored: each call reads the trials again.

        Raises:
            ValueError: There is no such state.
        """
        del deepcopy
        asked = None if state is None else read_state(state)
        if states is not None:
            wanted = {read_state(each) for each in states}
            return [trial for trial in self.get_trials(asked) if trial.state in wanted]
        found: list[FrozenTrial] = []
        cursor: str | None = None
        while True:
            page = self._get("trials", limit=PAGE, cursor=cursor, state=asked, role="search")
            found += [read_trial(item, self.space) for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                return found

    def get_trial(self, number: int) -> FrozenTrial:
        """Return one trial with its intermediate values, also while it runs and after its program died.

        Raises:
            NotFound: The study has no trial with this number yet.
        """
        return read_trial(self._get(f"trials/{number}"), self.space)

    @explain_arguments(TABLE_ARGUMENTS)
    def trials_dataframe(self, attrs: Sequence[str] | None = None) -> DataFrame:
        """Return the trials as a table of pandas, with columns named as those of Optuna.

        Args:
            attrs: What the table has: some of number, value, datetime_start, datetime_complete, duration, params,
                metrics, state and reason. By default, all of it.

        Raises:
            ImportError: pandas is not installed.
            ValueError: A trial has no such attribute.
        """
        return build_dataframe(self.get_trials(), attrs)

    def get_param_importances(self) -> dict[str, float]:
        """Return the share of the variation of the metric that involves each parameter, the largest first.

        These are total Sobol indices: the shares of parameters that interact overlap. Empty before two trials have
        different values.
        """
        return {item["name"]: item["total"] for item in self._get("importance")["items"]}

    @property
    def direction(self) -> str:
        """`minimize` or `maximize`."""
        return str(self.status()["direction"])

    @property
    def state(self) -> str:
        """`queued`, `running`, `paused`, `completed`, `exhausted`, `failed` or `cancelled`."""
        return str(self.status()["state"])

    @property
    def url(self) -> str:
        """The page of the study in the dashboard."""
        return f"{self._transport.url}/#/jobs/{self.id}"

    def status(self) -> dict[str, Any]:
        """Return the status as the API answers it."""
        status: dict[str, Any] = self._get("status")
        return status

    @explain_arguments(ENQUEUE_ARGUMENTS)
    def enqueue_trial(self, params: Mapping[str, Any], *, skip_if_exists: bool = False) -> None:
        """Try a point before those that the optimizer has not proposed yet. It counts for the budget.

        Up to `max_parallelism` points may be ahead of it.

        Args:
            params: The value of each parameter that the point has.
            skip_if_exists: Whether to do nothing if a trial has the point, the point was enqueued with this argument
                before, or the study has finished. Programs that are started again then enqueue it once. A point that
                was enqueued without this argument, and has no trial yet, is enqueued a second time.

        Raises:
            TypeError: The parameters are no dictionary.
            ValueError: A value is no text, finite number, True or False.
        """
        point = {
            name: check_value(f"params[{name!r}]", value) for name, value in check_mapping("params", params).items()
        }
        if not skip_if_exists:
            self._post("trials", {"point": point}, {"Idempotency-Key": str(uuid.uuid4())})
        elif self.state not in FINISHED and not any(_has_point(trial, point) for trial in self.get_trials()):
            self._post("trials", {"point": point}, {"Idempotency-Key": _hash_point(point)})

    def extend(self, n_trials: int) -> None:
        """Raise the budget to `n_trials` in total. A completed study continues."""
        self._post("extend", {"trials": n_trials})

    def edit(
        self,
        *,
        name: str | None = None,
        labels: Mapping[str, str | None] | None = None,
        priority: int | None = None,
        notes: str | None = None,
    ) -> None:
        """Change the name, the labels, the priority or the notes of the study; what is left out stays as it is.

        Then `name` and `spec` of this object are those of the service.

        Args:
            name: The new name.
            labels: Labels to add or change; None removes one.
            priority: Who gets free slots first, -100 to 100.
            notes: Notes for people, in Markdown, at most 20,000 characters; an empty text removes them.
        """
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = name
        if labels is not None:
            changes["labels"] = dict(check_mapping("labels", labels))
        if priority is not None:
            changes["priority"] = priority
        if notes is not None:
            changes["notes"] = notes or None
        resource = self._transport.send(Call("PATCH", f"/v1/jobs/{self.id}", changes))
        self.spec, self.name = resource["spec"], resource["spec"]["name"]

    @property
    def notes(self) -> str | None:
        """The notes of the study, in Markdown."""
        notes: str | None = self._transport.send(Call("GET", f"/v1/jobs/{self.id}"))["notes"]
        return notes

    def pause(self) -> None:
        """Start no more trials, in no program, until `resume`. Running trials finish."""
        self._post("pause")

    def resume(self) -> None:
        """Continue a paused study."""
        self._post("resume")

    def cancel(self) -> None:
        """End the study for all programs. The results so far are kept."""
        self._post("cancel")

    def delete(self) -> None:
        """Delete the study with its trials. If the service has keys, this needs one with the scope `admin`."""
        self._transport.send(Call("DELETE", f"/v1/jobs/{self.id}"))

    def _repr_html_(self) -> str:
        status = self.status()
        return render_status(status, self.url) + "".join(self._draw_figures(status))

    def _draw_figures(self, status: Mapping[str, Any]) -> list[str]:
        """Return the figures of the study, as far as they are quick to read; a notebook shows them with the table."""
        if not status["counts"]["complete"] or status["budget"] > MOST_DRAWN:
            return []
        metric, direction = status["metric"], status["direction"]
        best = [self.get_trial(item["number"]) for item in self._get("best", limit=BEST_CURVES)["items"]]
        importances = list(self.get_param_importances().items())
        return [
            draw_search(self.get_trials(), metric, direction),
            draw_curves({f"trial {trial.number}": trial.intermediate_values or {} for trial in best}, metric),
            draw_importance(importances[:MOST_BARS]),
        ]

    def _get(self, path: str, **query: Any) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        return self._transport.send(Call("GET", f"/v1/jobs/{self.id}/{path}", query=given))

    def _post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        return self._transport.send(Call("POST", f"/v1/jobs/{self.id}/{path}", body, headers=headers))


def describe_outcome(trial: Trial, value: Measured, state: str | None) -> tuple[Trial, Measured, str]:
    """Return the trial with the value and the outcome that `tell` reports."""
    if state not in STATES:
        raise ValueError(f"state is {state!r}; it must be complete, pruned or fail")
    return (trial, None if state == "fail" else value, "pruned" if state == "pruned" else "complete")


def _has_point(trial: FrozenTrial, point: Mapping[str, Any]) -> bool:
    return all(trial.params.get(name) == value for name, value in point.items())


def _hash_point(point: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"point {json.dumps(point, sort_keys=True)}".encode()).hexdigest()
