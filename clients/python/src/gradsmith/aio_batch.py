"""Asking for trials and reporting results from a coroutine.

Each call has a separate thread: calls that wait for the service must not keep others from being sent. The threads do
not keep a program from ending.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
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

    asked = start_in_thread(ask)
    try:
        return await asyncio.shield(to_awaitable(asked))
    except asyncio.CancelledError:
        stop.set()
        # A thread, because this call may be cancelled again, and the answer may come after it has ended.
        handing_back = start_in_thread(partial(_release_all, asked))
        await asyncio.wait({to_awaitable(handing_back)}, timeout=CANCEL_PATIENCE)
        raise
    except GeneratorExit:  # the program has left the event loop
        stop.set()
        asked.add_done_callback(_release_all)
        raise


def _release_all(asked: Future[list[Trial]]) -> None:
    if asked.exception() is None:
        wait([start_in_thread(partial(trial._lease.release, INTERRUPTED)) for trial in asked.result()])


async def tell_in_thread(study: Study, results: Sequence[tuple[Trial, Measured, str]]) -> list[str]:
    """Report the results until the service answers. If this is cancelled, nothing is sent again."""
    stop = threading.Event()
    try:
        return await asyncio.shield(to_awaitable(start_in_thread(lambda: study._tell(results, stop=stop))))
    except (asyncio.CancelledError, GeneratorExit):
        stop.set()
        raise


def start_in_thread(call: Callable[[], T]) -> Future[T]:
    """Call this in a thread that does not keep the program from ending, with the context variables of the caller."""
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    context = contextvars.copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(call))
        except BaseException as error:  # the coroutine raises it
            future.set_exception(error)

    threading.Thread(target=run, name="gradsmith", daemon=True).start()
    return future


async def call_in_thread(call: Callable[[], T]) -> T:
    """Return what the call returns, without holding up the event loop."""
    return await to_awaitable(start_in_thread(call))


def to_awaitable(future: Future[T]) -> asyncio.Future[T]:
    """Return what a coroutine can wait for instead.

    After its task was cancelled nobody reads its error, and asyncio would report that: so it is read here.
    """
    awaitable = asyncio.wrap_future(future)
    awaitable.add_done_callback(lambda done: done.cancelled() or done.exception())
    return awaitable
