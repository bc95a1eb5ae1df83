"""Asking for trials until there are some: the one loop of `ask`, `ask_many` and `optimize`."""

from __future__ import annotations

import math
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from gradsmith.errors import Unavailable
from gradsmith.lease import Lease
from gradsmith.transport import Call, Transport, check_answer, pause

#: How long the service may wait for a trial before it answers, in seconds.
ASK_WAIT = 10.0
#: Pause after an answer without a trial, in seconds.
WAIT_PAUSE = 0.1
#: Pause before a service is asked again that did not answer, in seconds. The transport has repeated the call before.
OUTAGE_PAUSE = 1.0


@dataclass(frozen=True)
class Asked:
    """What asking for trials has led to.

    Attributes:
        leases: One for each trial; none if the study has finished, the time was over, or the call was stopped.
        state: The state of the study, if it has finished.
    """

    leases: list[Lease] = field(default_factory=list)
    state: str | None = None


def ask_leases(
    transport: Transport,
    job: str,
    count: int,
    *,
    lease: str,
    until: float,
    explain_wait: Callable[[float], None],
    longest_wait: float = ASK_WAIT,
    stop: threading.Event | None = None,
) -> Asked:
    """Ask for up to `count` trials until some are free, the study has finished, the time is over, or `stop` is set.

    It asks at least once, unless `stop` is set. After `until` or `stop`, no request is sent.

    Args:
        transport: Sends the calls.
        job: The id of the study.
        count: The largest number of trials.
        lease: The length of the leases, as the API takes it.
        until: When the time is over (`time.monotonic()`).
        explain_wait: Called after each answer without a trial, with the time at which this call began.
        longest_wait: The time after which the service answers without a trial, in seconds.
        stop: Ends this call early.

    Raises:
        Unavailable: When the time was over, the service did not answer.
        ApiError: The service refused the call.
    """
    # One id for each trial: asked again after a lost answer, the service answers with the same trials.
    attempts = [str(uuid.uuid4()) for _ in range(count)]
    worker = f"{socket.gethostname()[:100]}-{os.getpid()}"
    since = time.monotonic()
    while not (stop and stop.is_set()):
        remaining = max(0.0, until - time.monotonic())
        wait = max(1, math.ceil(1000 * min(longest_wait, remaining)))
        body = {"attempts": attempts, "worker": worker, "lease": lease, "wait": f"{wait}ms"}
        call = Call("POST", f"/v1/jobs/{job}/ask-many", body, patience=remaining, stop=stop)
        try:
            answer = check_answer(call, transport.send(call))
        except Unavailable:
            # The transport gives up before the time is over, if its next pause is longer than the rest.
            pause(min(OUTAGE_PAUSE, max(0.0, until - time.monotonic())), stop)
            if time.monotonic() >= until and not (stop and stop.is_set()):
                raise
            continue
        if answer["answer"] == "trials":
            return Asked([Lease(transport, job, item) for item in answer["items"]])
        if answer["answer"] == "finished":
            return Asked(state=answer["state"])
        explain_wait(since)
        pause(min(WAIT_PAUSE, max(0.0, until - time.monotonic())), stop)
        if time.monotonic() >= until:
            break
    return Asked()
