"""The exceptions of this package: one class for each thing that a program can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GradsmithError(Exception):
    """The base class of all exceptions of this package, except `TrialPruned`."""


class TrialPruned(Exception):
    """Raise it in an objective to end a trial early. The last value that it reported counts as a bound."""


def means_pruned(error: BaseException) -> bool:
    """Return whether the error prunes a trial: `TrialPruned`, or that of Optuna, which is not imported for this."""
    return isinstance(error, TrialPruned) or any(
        one.__name__ == "TrialPruned" and one.__module__.split(".")[0] == "optuna" for one in type(error).__mro__
    )


class Unavailable(GradsmithError):
    """The service was not reached, or was busy, for as long as the call was repeated."""


class SpaceMismatch(GradsmithError, ValueError):
    """A `suggest_*` call or a study asks for another space than the one that the study has."""


class StudyFailed(GradsmithError):
    """The job of the study failed, for example because too many trials failed."""


class NoTrial(GradsmithError):
    """`ask` found no trial: the study has finished, or the time was over."""


class NoCompleteTrial(GradsmithError, ValueError):
    """No trial of the study is complete yet, so that there is no best one."""


class ApiError(GradsmithError):
    """The service refused a request; the same request would be refused again.

    Attributes:
        status: The HTTP status.
        code: A stable word for the reason, such as `not-found`; `unknown` if the answer has none.
        problems: Each fault of the request as a pair of its place (a JSON pointer) and a message.
        answer: Why the result of a trial does not count: `stale` or `conflict`; otherwise None.
        answers: Of `tell_many`, the answer to each result, as `tell` returns it; None for each that is not stored.
        request_id: The log of the service has the request under this id.
    """

    advice = ""

    def __init__(self, status: int, details: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(details.get("code", "unknown"))
        self.problems = [(str(one.get("pointer", "")), str(one.get("message", ""))) for one in _list_problems(details)]
        self.answer = details.get("answer")
        self.answers: list[str | None] | None = None
        self.request_id = details.get("instance")
        detail = details.get("detail") or f"the service answered {status}"
        super().__init__(f"{detail}\n{self.advice}" if self.advice else str(detail))


class InvalidRequest(ApiError):
    """The request is not valid; `problems` names each part that is not (400, 413, 415, 422)."""


class Unauthorized(ApiError):
    """The service does not know the key of the client (401)."""

    advice = "Give the key to the client: Client(url, key=...), or set GRADSMITH_API_KEY."


class Forbidden(ApiError):
    """The key does not allow the request (403)."""

    advice = "Running a study needs a key with the scope `write`, deleting one a key with the scope `admin`."


class NotFound(ApiError):
    """The job or the trial does not exist, or was deleted (404)."""


class Conflict(ApiError):
    """The request contradicts what is stored, for example the state of the job (409)."""


_CLASSES: dict[int, type[ApiError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InvalidRequest,
    415: InvalidRequest,
    422: InvalidRequest,
}


def create_api_error(status: int, details: object) -> ApiError:
    """Return the exception for an answer; `details` is its body, if that was JSON."""
    known = details if isinstance(details, Mapping) else {}
    return _CLASSES.get(status, ApiError)(status, known)


def _list_problems(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    problems = details.get("problems")
    return [one for one in problems if isinstance(one, Mapping)] if isinstance(problems, list) else []
