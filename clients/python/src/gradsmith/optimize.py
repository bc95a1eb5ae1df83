"""The loop that measures the trials of a study."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gradsmith.ask import ASK_WAIT, ask_leases
from gradsmith.errors import ApiError, GradsmithError, StudyFailed, Unavailable, means_pruned
from gradsmith.lease import Lease
from gradsmith.measured import (
    NotANumber,
    WrongObjective,
    check_objective,
    describe_count,
    name_values,
    read_metrics,
    read_number,
)
from gradsmith.space import Parameter
from gradsmith.transport import Call, Transport
from gradsmith.trial import Trial
from gradsmith.waiting import WaitNotice, describe_end

log = logging.getLogger("gradsmith")

#: How long a program that fails tries to say so, in seconds.
FAIL_PATIENCE = 30.0
#: Reason of the release of a trial whose objective did not end.
INTERRUPTED = "the program was interrupted"

Objective = Callable[[Trial], float | Sequence[float]]


@dataclass(frozen=True)
class Settings:
    """What one call of `Study.optimize` asks for."""

    n_trials: int | None
    n_jobs: int
    timeout: float | None
    catch: tuple[type[Exception], ...]
    lease: str
    #: Metrics of the objectives, of a study with several.
    objectives: tuple[str, ...] = ()
    #: The metric that is reported as the value.
    metric: str = ""
    #: Called with the number of each trial whose result the service has.
    after: Callable[[int], None] | None = None


class BaseRun:
    """What a call of `optimize` asks the service for and reports to it, whoever measures the trials."""

    #: How long the service may wait for a trial before it answers, in seconds.
    ask_wait = ASK_WAIT

    def __init__(self, transport: Transport, job: str, space: dict[str, Parameter], settings: Settings) -> None:
        self._transport = transport
        self._job = job
        self._space = space
        self._settings = settings
        self._until = math.inf if settings.timeout is None else time.monotonic() + settings.timeout
        self._left = math.inf if settings.n_trials is None else settings.n_trials
        self._lock = threading.Lock()
        self._leases: set[Lease] = set()
        self._stopped = threading.Event()
        self._notice = WaitNotice(transport, job)
        self._had_trial = False
        self._ended = False

    def stop(self) -> None:
        """Start no more trials."""
        self._stopped.set()

    def _take_turn(self) -> bool:
        with self._lock:
            if self._stopped.is_set() or self._left <= 0:
                return False
            self._left -= 1
            return True

    def _acquire(self) -> Lease | None:
        """Return the lease of a trial, or None if there is none to measure any more.

        A trial that arrives after the call was stopped is released.
        """
        lease = self._ask()
        if lease is None:
            return None
        with self._lock:
            if not self._stopped.is_set():
                self._leases.add(lease)
                self._had_trial = True
                return lease
        lease.release("the program starts no more trials")
        return None

    def _finish(self, lease: Lease) -> None:
        lease.finish()
        with self._lock:
            self._leases.discard(lease)

    def _ask(self) -> Lease | None:
        """Return the lease of a trial, or None if there is none to measure any more."""
        if time.monotonic() >= self._until:
            return None
        try:
            asked = ask_leases(
                self._transport,
                self._job,
                1,
                lease=self._settings.lease,
                until=self._until,
                explain_wait=self._explain_wait,
                longest_wait=self.ask_wait,
                stop=self._stopped,
            )
        except Unavailable:  # for as long as this call may start trials
            return None
        if asked.state is not None:
            self._check_state(asked.state)
            self.stop()
        return asked.leases[0] if asked.leases else None

    def _explain_wait(self, since: float) -> None:
        if not self._leases:  # otherwise a trial of this call may be the one to wait for
            self._notice.give(since)

    def _check_state(self, state: str) -> None:
        if state == "failed":
            status = self._transport.send(Call("GET", f"/v1/jobs/{self._job}/status"))
            raise StudyFailed(f"the study failed: {status['reason']}")
        with self._lock:
            if self._ended:  # another thread has said it
                return
            self._ended = True
        if state == "cancelled":
            log.warning("the study was cancelled; study.trials has the results so far")
        elif not self._had_trial:
            log.warning("%s", describe_end(self._transport, self._job))

    def _report_value(self, lease: Lease, trial: Trial, returned: object) -> bool:
        try:
            value = self._read_value(trial, returned)
        except NotANumber as error:
            return self._report_failure(lease, trial, str(error))
        return self._report_result(lease, trial, value, "complete")

    def _read_value(self, trial: Trial, returned: object) -> float:
        """Return the value of the metric; those of other objectives become metrics of the trial."""
        values = name_values(self._settings.objectives, returned)
        if values is None:
            count = describe_count(self._settings.objectives, returned)
            if count is not None:
                raise NotANumber(f"the objective returned {count}")
            return read_number(returned, "the objective returned {}")
        numbers = {name: read_number(each, f"the objective returned {{}} for {name}") for name, each in values.items()}
        value = numbers.pop(self._settings.metric)
        trial.metrics.update(numbers)
        return value

    def _report_pruned(self, lease: Lease, trial: Trial) -> bool:
        bound = lease.last_value
        if bound is None:
            return self._report_failure(lease, trial, "TrialPruned was raised before a value was reported")
        return self._report_result(lease, trial, bound, "pruned")

    def _report_result(self, lease: Lease, trial: Trial, value: float, outcome: str) -> bool:
        metrics = read_metrics(trial)
        return self._report(lease, trial, lambda: lease.complete(value, outcome, metrics), value, outcome)

    def _report_failure(self, lease: Lease, trial: Trial, reason: str) -> bool:
        log.warning("trial %d failed: %s", trial.number, reason)
        return self._report(lease, trial, lambda: lease.fail(reason, final=True))

    def _report(
        self, lease: Lease, trial: Trial, send: Callable[[], str], value: float | None = None, outcome: str = ""
    ) -> bool:
        """Send the result until the service answers, however long that takes; return whether it counts."""
        if lease.lost:
            log.warning("the result of trial %d is not needed: %s", trial.number, lease.lost)
            return False
        try:
            answer = send()
        except ApiError as error:
            error.args = (f"the result of trial {trial.number} ({value}) was refused: {error}",)
            self._report_error(lease, error)
            raise
        except BaseException:
            lease.release(INTERRUPTED)
            raise
        if answer in ("stale", "conflict") and value is not None:
            log.warning("the result of trial %d was not accepted (%s): another program has it", trial.number, answer)
        was_pruned = outcome == "pruned" and answer in ("reported", "already")
        log.info("trial %d: %s at %s (%s)", trial.number, value, trial.params, "pruned" if was_pruned else answer)
        return answer not in ("stale", "conflict")

    def _report_error(self, lease: Lease, error: Exception) -> None:
        """Fail the attempt; the error of the objective matters more than one of the service."""
        if lease.lost:
            return
        try:
            lease.fail(describe_error(error), final=False, patience=FAIL_PATIENCE)
        except GradsmithError as other:
            log.warning("the failure of a trial could not be reported: %s", other)


class Run(BaseRun):
    """One call of `Study.optimize`."""

    def __init__(
        self, transport: Transport, job: str, space: dict[str, Parameter], objective: Objective, settings: Settings
    ) -> None:
        super().__init__(transport, job, space, settings)
        self._objective = objective
        self._error: BaseException | None = None

    def execute(self) -> None:
        """Measure trials until the job has finished, or the settings say so."""
        if self._settings.n_jobs == 1:
            self._work()
        else:
            self._work_in_threads(self._settings.n_jobs)

    def _work_in_threads(self, count: int) -> None:
        # Daemons, so that an interrupted program ends although an objective still runs.
        threads = [threading.Thread(target=self._work_and_keep_error, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.5)
        except BaseException:
            self.stop()
            with self._lock:
                leases = list(self._leases)
            for lease in leases:
                lease.release(INTERRUPTED)
            raise
        if self._error:
            raise self._error

    def _work_and_keep_error(self) -> None:
        try:
            self._work()
        except BaseException as error:  # the main thread raises it
            with self._lock:
                self._error = self._error or error
            self.stop()

    def _work(self) -> None:
        while self._take_turn():
            lease = self._acquire()
            if lease is None:
                return
            self._measure(lease)

    def _measure(self, lease: Lease) -> None:
        trial = Trial(lease, self._space)
        counts = False
        try:
            value = self._objective(trial)
            check_objective(value, awaited=False)
        except WrongObjective as error:
            lease.release(str(error))
            raise
        except Exception as error:
            if means_pruned(error):
                counts = self._report_pruned(lease, trial)
            elif isinstance(error, self._settings.catch):
                counts = self._report_failure(lease, trial, describe_error(error))
            else:
                self._report_error(lease, error)
                raise
        except BaseException:
            lease.release(INTERRUPTED)
            raise
        else:
            counts = self._report_value(lease, trial, value)
        finally:
            self._finish(lease)
        if counts and self._settings.after:
            self._settings.after(trial.number)


def describe_error(error: Exception) -> str:
    """Return an error as the reason of a failure."""
    name, message = type(error).__name__, str(error)
    return f"{name}: {message}" if message else name
