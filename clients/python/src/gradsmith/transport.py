"""HTTP with retries: calls are repeated while the service is not reached or busy."""

from __future__ import annotations

import logging
import math
import os
import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from gradsmith.errors import GradsmithError, Unavailable, create_api_error
from gradsmith.plain import to_plain

log = logging.getLogger("gradsmith")

#: Pauses between tries, from the first to the longest, in seconds. Half of each is random, so that many programs do not
#: retry at the same time.
FIRST_PAUSE = 0.2
LAST_PAUSE = 5.0
#: Statuses after which the same call may succeed later.
PASSING = {429, 502, 503, 504}
#: A call that is repeated for longer than this is reported in the log, once.
QUIET = 5.0


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        patience: How long it is repeated, in seconds; None: as long as the client does. With `math.inf`, it is also
            repeated after internal errors of the service.
        timeout: How long one try may take, in seconds; None: as long as the client allows.
        stop: Ends the repetition when it is set.
    """

    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    patience: float | None = None
    timeout: float | None = None
    stop: threading.Event | None = None


class Transport:
    """Sends calls. Each may be repeated, so a lost answer is handled like a lost request."""

    def __init__(self, url: str, key: str | None, *, retry_for: float, timeout: float) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._retry_for = retry_for
        self._timeout = timeout
        #: Sessions that no call uses. Threads come and go, and their connections stay open for the next ones.
        self._idle: list[requests.Session] = []
        self._process = os.getpid()

    def send(self, call: Call) -> Any:
        """Return the JSON of the answer, or None if it has no body.

        Raises:
            ApiError: The service refused the call.
            Unavailable: It did not answer, or was busy, for as long as the call was repeated.
            GradsmithError: The call cannot be sent, or the answer is not one of a Gradsmith service.
        """
        patience = self._retry_for if call.patience is None else call.patience
        began = time.monotonic()
        delay, reported, tries = FIRST_PAUSE, False, 0
        while True:
            tries += 1
            outcome = self._try(call)
            if isinstance(outcome, requests.Response):
                if outcome.ok or (call.method == "DELETE" and outcome.status_code == 404 and tries > 1):
                    return self._read(outcome)
                if not _may_pass(outcome.status_code, patience):
                    raise create_api_error(outcome.status_code, _read_problem(outcome))
            wait = max(_read_retry_after(outcome), delay * (0.5 + random.random() / 2))
            waited = time.monotonic() - began
            if waited + wait > patience:
                raise self._give_up(outcome)
            if waited > QUIET and not reported:
                log.warning("%s; it is tried again, for %s", self._describe(outcome), _describe_patience(patience))
                reported = True
            if pause(wait, call.stop):
                raise self._give_up(outcome)
            delay = min(2 * delay, LAST_PAUSE)

    def _try(self, call: Call) -> requests.Response | Exception:
        session = self._take_session()
        try:
            response = session.request(
                call.method,
                self.url + call.path,
                params=call.query,
                json=to_plain(call.body),
                headers=call.headers,
                timeout=call.timeout or self._timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            if isinstance(error, (ValueError, requests.exceptions.InvalidJSONError)):
                # The address, a header or the body is wrong: to repeat the call does not help.
                raise GradsmithError(f"{call.method} {self.url}{call.path} cannot be sent: {error}") from error
            return error
        self._idle.append(session)
        return response

    def _take_session(self) -> requests.Session:
        """Return a session that no other thread uses, with an open connection if there is one."""
        if self._process != os.getpid():  # a forked process must not write into the connections of its parent
            self._idle, self._process = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            session = requests.Session()
            if self._key:
                session.headers["Authorization"] = f"Bearer {self._key}"
            return session

    def _read(self, response: requests.Response) -> Any:
        if response.is_redirect:
            raise GradsmithError(
                f"{self.url} redirects to {response.headers['Location']}; use the address of the service"
            )
        if not response.content or not response.ok:
            return None
        try:
            return response.json()
        except ValueError:
            raise GradsmithError(f"{response.url} did not answer JSON; is {self.url} a Gradsmith service?") from None

    def _give_up(self, outcome: requests.Response | Exception) -> Unavailable:
        error = Unavailable(self._describe(outcome))
        error.__cause__ = outcome if isinstance(outcome, Exception) else None
        return error

    def _describe(self, outcome: requests.Response | Exception) -> str:
        cause = f"status {outcome.status_code}" if isinstance(outcome, requests.Response) else type(outcome).__name__
        return f"the service at {self.url} does not answer ({cause})"


def _may_pass(status: int, patience: float) -> bool:
    return status in PASSING or (status >= 500 and patience == math.inf)


def check_answer(call: Call, body: Any) -> dict[str, Any]:
    """Return the body of an answer of the trial protocol, which has the field `answer`.

    Raises:
        GradsmithError: It does not have it: something else than the service has answered.
    """
    if isinstance(body, dict) and "answer" in body:
        return body
    raise GradsmithError(
        f"{call.method} {call.path} was answered {body!r:.200}, which has no field answer; is it a Gradsmith service?"
    )


def pause(seconds: float, stop: threading.Event | None) -> bool:
    """Wait; return whether `stop` was set."""
    if stop is not None:
        return stop.wait(seconds)
    time.sleep(seconds)
    return False


def _describe_patience(patience: float) -> str:
    return "as long as necessary" if patience == math.inf else f"{patience:.0f} s"


def _read_retry_after(outcome: requests.Response | Exception) -> float:
    if not isinstance(outcome, requests.Response):
        return 0.0
    try:
        return max(0.0, float(outcome.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0


def _read_problem(response: requests.Response) -> object:
    try:
        return response.json()
    except ValueError:
        return None
