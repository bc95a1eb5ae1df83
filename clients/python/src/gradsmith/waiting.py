"""What the log says if a program gets no trial."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from gradsmith.errors import GradsmithError
from gradsmith.transport import Call, Transport

log = logging.getLogger("gradsmith")

#: A program that waits for a trial for longer than this says why, once, in seconds.
QUIET = 5.0
#: A status for the log is not waited for longer, in seconds.
STATUS_TIMEOUT = 1.0


class WaitNotice:
    """Says once in the log why a program waits for a trial."""

    def __init__(self, transport: Transport, job: str) -> None:
        self._transport = transport
        self._job = job
        self._lock = threading.Lock()
        self._given = False

    def give(self, since: float) -> None:
        """Say why there is no trial, if the program has waited for long since this time (`time.monotonic()`)."""
        with self._lock:
            if self._given or time.monotonic() - since < QUIET:
                return
            self._given = True
        status = _read_status(self._transport, self._job)
        if status is None:
            return
        running = status["counts"]["running"]
        if status["state"] == "paused":
            log.warning("the study is paused; study.resume() continues it")
        elif running:
            log.warning(
                "no trial is free: %d of them are measured by programs. The trial of a program that was killed is free "
                "when its lease is over, by default 60 s after its last heartbeat",
                running,
            )
        else:
            log.warning("the service has proposed no trial yet; the study is %s", status["state"])


def describe_end(transport: Transport, job: str) -> str:
    """Return why the study has no trial any more, and how to continue it."""
    status = _read_status(transport, job)
    if status is None:
        return "the study has finished"
    budget = status["budget"]
    done = f"{status['settled']} of {budget} trials are done"
    if status["stopped"]:
        return f"the search has stopped ({status['stopped']['reason']}): {done}; study.extend({budget}) continues it"
    if status["state"] == "exhausted":
        return f"the space has no point that was not tried: {done}"
    if status["reason"]:
        return f"the study has finished ({status['reason']}): {done}"
    return f"{done}; raise n_trials of client.study to run more"


def _read_status(transport: Transport, job: str) -> Any:
    """Return the status for a message in the log; None if it cannot be read at once: the call goes on without it."""
    try:
        return transport.send(Call("GET", f"/v1/jobs/{job}/status", patience=0, timeout=STATUS_TIMEOUT))
    except GradsmithError:
        return None
