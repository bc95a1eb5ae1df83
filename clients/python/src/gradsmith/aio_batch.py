"""Asking for trials and reporting results from a coroutine.

Each call has a thread of its own: calls that wait for the service must not keep others from being sent.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from gradsmith.batch import Measured, ask_trials
from gradsmith.optimize import INTERRUPTED
from gradsmith.study import Study
from gradsmith.trial import Trial

T = TypeVar("T")

#: How long the service may wait for a trial before it answers, in seconds. A cancelled call waits for the answer, in
#: case that it is a trial.
CANCELLABLE_WAIT = 1.0
#: How long a cancelled call waits for a request that is on its way, in seconds.
CANCEL_PATIENCE = 5.0


async def ask_in_thread(study: Study, count: int, timeout: float | None, lease: str) -> list[Trial]:
    """Return up to `count` trials, as `ask_trials` does. If this is cancelled, trials that arrive are released."""
    stop = threading.Event()

    def ask() -> list[Trial]:
        return ask_trials(
            study._transport,
            study.id,
            study.space,
            count,
            lease=lease,
            timeout=timeout,
            longest_wait=CANCELLABLE_WAIT,
            stop=stop,
        )

    asking = _start(ask)
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait({asking}, timeout=CANCEL_PATIENCE)
        if asking.done() and asking.exception() is None:
            releases = [_start(partial(trial._lease.release, INTERRUPTED)) for trial in asking.result()]
            await asyncio.shield(asyncio.gather(*releases))
        raise


async def tell_in_thread(study: Study, results: Sequence[tuple[Trial, Measured, str]]) -> list[str]:
    """Report the results until the service answers. If this is cancelled, nothing is sent again."""
    stop = threading.Event()
    try:
        return await asyncio.shield(_start(lambda: study._tell(results, stop=stop)))
    except asyncio.CancelledError:
        stop.set()
        raise


def _start(call: Callable[[], T]) -> asyncio.Future[T]:
    pool = ThreadPoolExecutor(1, "gradsmith")
    future = asyncio.get_running_loop().run_in_executor(pool, call)
    pool.shutdown(wait=False)
    return ignore_error(future)


def ignore_error(future: asyncio.Future[T]) -> asyncio.Future[T]:
    """Return the future: after its task was cancelled nobody reads its error, and asyncio would report that."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future
