"""The lease of one trial: the calls of the trial protocol, and the thread that renews the lease."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from dataclasses import replace
from typing import Any

from gradsmith.errors import Conflict, GradsmithError, NotFound, Unavailable
from gradsmith.transport import Call, Transport, check_answer

log = logging.getLogger("gradsmith")

#: How long a report of an intermediate value may hold up the objective, in seconds.
REPORT_TIMEOUT = 10.0
#: How long no report is sent after one that did not arrive, at least, in seconds.
REPORT_PAUSE = 1.0
#: How long an interrupted program tries to release its trial, in seconds.
RELEASE_PATIENCE = 5.0
#: Intermediate values that a result contains at most; the body of a request is limited.
LONGEST_CURVE = 10_000
#: Characters of the reason of a failure.
LONGEST_REASON = 2_000
#: A curve is stored as float32.
LARGEST_FLOAT32 = 3.4e38


class Lease:
    """The right to one trial. It is renewed by heartbeats in a thread until the trial is finished.

    Attributes:
        job: The id of the study.
        asked: The answer of the service with the trial.
        is_pruned: Whether the service has asked to end the trial early.
        lost: Why the result is not needed any more; None while it is.
    """

    def __init__(self, transport: Transport, job: str, asked: dict[str, Any]) -> None:
        self.job = job
        self.asked = asked
        self.is_pruned = False
        self.lost: str | None = None
        self._transport = transport
        self._path = f"/v1/jobs/{job}/trials/{asked['trial']}"
        self._every = asked["heartbeatEveryMs"] / 1000
        self._finished = threading.Event()
        self._abandoned = threading.Event()
        self._curve: list[float] = []
        self._latest: dict[str, Any] | None = None
        self._unsent: dict[str, Any] | None = None
        self._silent_until = 0.0
        self._warned = False
        threading.Thread(target=self._renew, name=f"gradsmith-trial-{asked['trial']}", daemon=True).start()

    def report(self, step: int, value: float) -> None:
        """Send an intermediate value once. If it does not arrive, the next heartbeat sends it.

        No answer of the service is an error here: it must not end an objective that may have run for hours.
        """
        if self._latest is not None and step <= self._latest["step"]:
            return
        self._curve.append(value)
        self._latest = self._unsent = {"step": step, "value": value}
        began = time.monotonic()
        if began < self._silent_until:
            return
        try:
            self._beat(patience=0)
        except GradsmithError as error:
            self._log_lost_beat(error)
            # The objective waits for a service that is away at most a third of its time.
            now = time.monotonic()
            self._silent_until = now + max(REPORT_PAUSE, 2 * (now - began))

    @property
    def last_value(self) -> float | None:
        """The last intermediate value."""
        return None if self._latest is None else self._latest["value"]

    def complete(self, value: float, outcome: str, metrics: dict[str, float]) -> str:
        """Report the result, for as long as it takes; return the answer of the service."""
        return self._settle("tell", self._describe(value, outcome, metrics), patience=math.inf)

    def describe_result(self, value: float | None, outcome: str, metrics: dict[str, float]) -> dict[str, Any]:
        """Return the result as one of several in a request; without a value, the trial fails."""
        own = {"trial": self.asked["trial"], "attempt": self.asked["attempt"]}
        return {**own, **self._describe(value, outcome, metrics)}

    def _describe(self, value: float | None, outcome: str, metrics: dict[str, float]) -> dict[str, Any]:
        return {"value": value, "outcome": outcome, "metrics": metrics, "curve": thin_curve(self._curve)}

    def fail(self, reason: str, *, final: bool, patience: float = math.inf) -> str:
        """Fail the attempt. If not `final`, the trial is tried again, as often as the job allows."""
        return self._settle("fail", {"reason": reason[:LONGEST_REASON] or "failed", "final": final}, patience)

    def release(self, reason: str) -> None:
        """Hand the trial to other programs. If that does not work, they get it when the lease is over."""
        with contextlib.suppress(GradsmithError):
            self._settle("release", {"reason": reason}, RELEASE_PATIENCE)
        self.lost = self.lost or reason
        self.finish()

    def abandon(self) -> None:
        """Give up sending a result that is being sent again and again; `release` still works."""
        self._abandoned.set()

    def finish(self) -> None:
        """Send no more heartbeats."""
        self._finished.set()

    def _settle(self, operation: str, body: dict[str, Any], patience: float) -> str:
        answer = self._post(operation, body, patience, None if operation == "release" else self._abandoned)
        self.finish()
        return answer

    def _beat(self, patience: float) -> None:
        body: dict[str, Any] = {"lease": self.asked["lease"]}
        progress = self._unsent
        if progress:
            body["progress"] = progress
        try:
            answer = self._post("heartbeat", body, patience)
        except NotFound:
            answer = "cancel"
        if self._unsent is progress:
            self._unsent = None
        if self._finished.is_set():
            return
        if answer == "prune":
            self.is_pruned = True
        elif answer in ("cancel", "stale"):
            self.lost = "the trial was cancelled" if answer == "cancel" else "another program has the trial"
            self.finish()

    def _renew(self) -> None:
        while not self._finished.wait(self._every):
            try:
                self._beat(patience=self._every)
            except GradsmithError as error:
                self._log_lost_beat(error)

    def _log_lost_beat(self, error: GradsmithError) -> None:
        """Log why a heartbeat did not renew the lease: once as a warning, unless the service is away.

        The next heartbeat is sent all the same. If the service goes on to refuse them, it refuses the result as well,
        and then the program gets the error.
        """
        is_expected = self._warned or isinstance(error, Unavailable)
        self._warned = self._warned or not is_expected
        level = logging.DEBUG if is_expected else logging.WARNING
        log.log(level, "a heartbeat of trial %s did not renew its lease: %s", self.asked["trial"], error)

    def _post(self, operation: str, body: dict[str, Any], patience: float, stop: threading.Event | None = None) -> str:
        whole = {"attempt": self.asked["attempt"], **body}
        call = Call("POST", f"{self._path}/{operation}", whole, patience=patience, stop=stop)
        if operation == "heartbeat":
            call = replace(call, timeout=REPORT_TIMEOUT, stop=self._finished)
        if operation == "release":
            call = replace(call, timeout=RELEASE_PATIENCE)
        try:
            return str(check_answer(call, self._transport.send(call))["answer"])
        except Conflict as error:
            if error.answer is None:
                raise
            return str(error.answer)


def thin_curve(curve: list[float]) -> list[float]:
    """Return the values that fit a result: at most `LONGEST_CURVE` of them, evenly spaced, and none beyond float32."""
    fitting = [value for value in curve if abs(value) <= LARGEST_FLOAT32]
    return fitting[:: max(1, math.ceil(len(fitting) / LONGEST_CURVE))]
