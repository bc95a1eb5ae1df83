"""The client for programs that use asyncio.

Calls of the service, heartbeats and results are sent by threads, with the code of the synchronous client. So the lease
of a trial is renewed even while a coroutine keeps the event loop busy.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from gradsmith.aio_batch import (
    CANCEL_PATIENCE,
    CANCELLABLE_WAIT,
    ask_in_thread,
    call_in_thread,
    start_in_thread,
    tell_in_thread,
    to_awaitable,
)
from gradsmith.batch import Measured
from gradsmith.client import Client
from gradsmith.durations import format_seconds
from gradsmith.errors import NoTrial, means_pruned
from gradsmith.lease import Lease
from gradsmith.measured import WrongObjective, check_objective
from gradsmith.optimize import INTERRUPTED, BaseRun, Settings, describe_error
from gradsmith.optuna_names import (
    ASK_ARGUMENTS,
    OPTIMIZE_ARGUMENTS,
    STUDY_NAMES,
    TELL_ARGUMENTS,
    ExplainsNames,
    explain_arguments,
)
from gradsmith.records import FrozenTrial
from gradsmith.space import Parameter
from gradsmith.study import Study, describe_outcome
from gradsmith.transport import Transport
from gradsmith.trial import Trial

P = ParamSpec("P")
T = TypeVar("T")


class AsyncTrial(Trial):
    """A trial, as an asynchronous objective sees it. Only `report` differs from `Trial`: it is awaited."""

    async def report(self, value: float, step: int) -> None:  # type: ignore[override]
        """Report an intermediate value of the metric, as `Trial.report` does, without holding up the event loop."""
        await call_in_thread(functools.partial(super().report, value, step))


AsyncObjective: TypeAlias = Callable[[AsyncTrial], Awaitable[float | Sequence[float]]]
#: Called with the study and a trial that was measured; what it returns is awaited.
AsyncCallback: TypeAlias = Callable[["AsyncStudy", FrozenTrial], Awaitable[None] | None]


class AsyncRun(BaseRun):
    """One call of `AsyncStudy.optimize`."""

    ask_wait = CANCELLABLE_WAIT

    def __init__(
        self, transport: Transport, job: str, space: dict[str, Parameter], objective: AsyncObjective, settings: Settings
    ) -> None:
        super().__init__(transport, job, space, settings)
        self._objective = objective
        self._after: Callable[[int], Awaitable[None]] | None = None

    def call_after(self, after: Callable[[int], Awaitable[None]]) -> None:
        """Await this with the number of each trial whose result the service has."""
        self._after = after

    async def execute(self) -> None:
        """Measure trials until the job has finished, or the settings say so."""
        tasks = [asyncio.create_task(self._work()) for _ in range(self._settings.n_jobs)]
        try:
            await asyncio.gather(*tasks)
        except GeneratorExit:  # the program has left the event loop
            self.stop()
            raise
        except BaseException:
            self.stop()
            # After an error of one objective, the others measure their trials to the end. If this call is cancelled,
            # their tasks are, too.
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _work(self) -> None:
        while self._take_turn():
            lease = await self._await_lease()
            if lease is None:
                return
            await self._measure(lease)

    async def _await_lease(self) -> Lease | None:
        """Return the lease of a trial. If this is cancelled, a trial that arrives is released."""
        asking = to_awaitable(start_in_thread(self._acquire))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait({asking}, timeout=CANCEL_PATIENCE)
            # The trial may have arrived just before the call was stopped.
            lease = asking.result() if asking.done() and asking.exception() is None else None
            if lease is not None:
                await self._release(lease)
            raise
        except GeneratorExit:  # a trial that arrives now is released
            self.stop()
            raise

    async def _measure(self, lease: Lease) -> None:
        trial = AsyncTrial(lease, self._space)
        counts = False
        try:
            measuring = self._objective(trial)
            check_objective(measuring, awaited=True)
            value = await measuring
        except WrongObjective:
            await self._release(lease)
            raise
        except Exception as error:
            if means_pruned(error):
                counts = await self._send(lease, self._report_pruned, lease, trial)
            elif isinstance(error, self._settings.catch):
                counts = await self._send(lease, self._report_failure, lease, trial, describe_error(error))
            else:
                await self._send(lease, self._report_error, lease, error)
                raise
        except GeneratorExit:  # the program has left the event loop
            _start_release(lease)
            raise
        except BaseException:
            await self._release(lease)
            raise
        else:
            counts = await self._send(lease, self._report_value, lease, trial, value)
        finally:
            self._finish(lease)
        if counts and self._after:
            await self._after(trial.number)

    async def _send(self, lease: Lease, send: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Send a result until the service answers. If this is cancelled, the trial is released."""
        sending = to_awaitable(start_in_thread(functools.partial(send, *args, **kwargs)))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            lease.abandon()
            await asyncio.wait({sending}, timeout=CANCEL_PATIENCE)
            await self._release(lease)
            raise

    async def _release(self, lease: Lease) -> None:
        if lease.lost is None:
            await asyncio.wait({to_awaitable(_start_release(lease))}, timeout=CANCEL_PATIENCE)


def _start_release(lease: Lease) -> Future[None]:
    return start_in_thread(functools.partial(lease.release, INTERRUPTED))


def _in_thread(
    method: Callable[Concatenate[Study, P], T],
) -> Callable[Concatenate[AsyncStudy, P], Coroutine[Any, Any, T]]:
    """Return the method of a study as one that is awaited."""

    @functools.wraps(method)
    async def call(self: AsyncStudy, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await call_in_thread(functools.partial(method, self._study, *args, **kwargs))

    return call


class AsyncStudy(ExplainsNames):
    """A study, made by `AsyncClient.study`. What a `Study` has as a property of the service is a method here.

    Attributes:
        id: The id of the job.
        space: The parameters of the space by name.
    """

    _replacements = STUDY_NAMES

    def __init__(self, study: Study) -> None:
        self.id = study.id
        self.space = study.space
        self._study = study
        self._runs: set[AsyncRun] = set()

    def __repr__(self) -> str:
        """Return the name and the id."""
        return f"<Async{repr(self._study)[1:]}"

    @explain_arguments(OPTIMIZE_ARGUMENTS)
    async def optimize(
        self,
        objective: AsyncObjective,
        n_trials: int | None = None,
        *,
        n_jobs: int = 1,
        timeout: float | None = None,
        catch: type[Exception] | Sequence[type[Exception]] = (),
        callbacks: Sequence[AsyncCallback] = (),
        lease: str | float = "60s",
    ) -> None:
        """Measure trials with an asynchronous objective until the study has finished.

        Arguments, outcomes and errors are those of `Study.optimize`. `n_jobs` is the number of trials that this call
        measures at the same time. Callbacks may be coroutine functions. If the call is cancelled, its trials go to
        other programs at once.
        """
        settings = self._study._choose_settings(n_trials, n_jobs, timeout, catch, lease)
        run = AsyncRun(self._study._transport, self.id, self.space, objective, settings)
        if callbacks:
            run.call_after(lambda number: self._call_back(callbacks, number))
        self._runs.add(run)
        try:
            await run.execute()
        finally:
            self._runs.discard(run)

    async def _call_back(self, callbacks: Sequence[AsyncCallback], number: int) -> None:
        trial = await self.get_trial(number)
        for callback in callbacks:
            result = callback(self, trial)
            if inspect.isawaitable(result):
                await result

    @explain_arguments(ASK_ARGUMENTS)
    async def ask(self, *, timeout: float | None = None, lease: str | float = "60s") -> AsyncTrial:
        """Start a trial, as `Study.ask` does. If the call is cancelled, a trial that arrives goes to other programs."""
        trials = await self.ask_many(1, timeout=timeout, lease=lease)
        if not trials:
            raise NoTrial(f"{self.name} has no trial to measure: it is {await self.state()}")
        return trials[0]

    async def ask_many(self, n: int, *, timeout: float | None = None, lease: str | float = "60s") -> list[AsyncTrial]:
        """Start up to `n` trials, as `Study.ask_many` does. If the call is cancelled, they go to other programs."""
        asked = await ask_in_thread(self._study, n, timeout, format_seconds(lease))
        return [AsyncTrial(trial._lease, self.space) for trial in asked]

    @explain_arguments(TELL_ARGUMENTS)
    async def tell(self, trial: Trial, value: Measured = None, *, state: str | None = None) -> str:
        """Report the result of a trial, as `Study.tell` does. If the call is cancelled, tell the result again."""
        return (await tell_in_thread(self._study, [describe_outcome(trial, value, state)]))[0]

    async def tell_many(self, results: Sequence[tuple[Trial, Measured]]) -> list[str]:
        """Report the results of complete trials, as `Study.tell_many` does. If this is cancelled, tell them again."""
        return await tell_in_thread(self._study, [(trial, value, "complete") for trial, value in results])

    def stop(self) -> None:
        """End `optimize` after the trials that run; for use in an objective. Other programs continue."""
        for run in list(self._runs):
            run.stop()

    @property
    def name(self) -> str:
        """The name of the job."""
        return self._study.name

    @property
    def spec(self) -> dict[str, Any]:
        """The job with every default, and with the name, labels and priority that it had when it was read last."""
        return self._study.spec

    @property
    def url(self) -> str:
        """The page of the study in the dashboard."""
        return self._study.url

    async def best_trial(self) -> FrozenTrial:
        """Return the complete trial with the best value.

        Raises:
            NoCompleteTrial: There is none yet.
        """
        return await call_in_thread(lambda: self._study.best_trial)

    async def best_trials(self) -> list[FrozenTrial]:
        """Return the trials that no other is better than in all objectives, at most 100."""
        return await call_in_thread(lambda: self._study.best_trials)

    async def best_params(self) -> dict[str, Any]:
        """Return the parameters of the best trial."""
        return (await self.best_trial()).params

    async def best_value(self) -> float:
        """Return the value of the best trial."""
        return await call_in_thread(lambda: self._study.best_value)

    async def trials(self) -> list[FrozenTrial]:
        """Return all trials, by number."""
        return await self.get_trials()

    async def state(self) -> str:
        """Return `queued`, `running`, `paused`, `completed`, `exhausted`, `failed` or `cancelled`."""
        return await call_in_thread(lambda: self._study.state)

    async def direction(self) -> str:
        """Return `minimize` or `maximize`."""
        return await call_in_thread(lambda: self._study.direction)

    async def notes(self) -> str | None:
        """Return the notes of the study, in Markdown."""
        return await call_in_thread(lambda: self._study.notes)

    release = _in_thread(Study.release)
    get_trials = _in_thread(Study.get_trials)
    get_param_importances = _in_thread(Study.get_param_importances)
    trials_dataframe = _in_thread(Study.trials_dataframe)
    get_trial = _in_thread(Study.get_trial)
    status = _in_thread(Study.status)
    enqueue_trial = _in_thread(Study.enqueue_trial)
    extend = _in_thread(Study.extend)
    edit = _in_thread(Study.edit)
    pause = _in_thread(Study.pause)
    resume = _in_thread(Study.resume)
    cancel = _in_thread(Study.cancel)
    delete = _in_thread(Study.delete)

    def _repr_html_(self) -> str:
        return self._study._repr_html_()


def _to_study(
    method: Callable[Concatenate[Client, P], Study],
) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, AsyncStudy]]:
    """Return the method of a client as one that is awaited."""

    @functools.wraps(method)
    async def call(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> AsyncStudy:
        return AsyncStudy(await call_in_thread(functools.partial(method, self._client, *args, **kwargs)))

    return call


class AsyncClient:
    """A client of the service at `url` for asyncio. The arguments are those of `Client`."""

    def __init__(
        self, url: str | None = None, key: str | None = None, *, retry_for: float = 30.0, timeout: float = 30.0
    ) -> None:
        self._client = Client(url, key, retry_for=retry_for, timeout=timeout)

    study = _to_study(Client.study)
    create_job = _to_study(Client.create_job)
