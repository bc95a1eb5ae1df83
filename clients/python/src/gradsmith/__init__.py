"""Tunes what a Python program measures, with a Gradsmith service.

import gradsmith

study = gradsmith.Client("http://localhost:8080").study(
    "parabola", space={"x": gradsmith.Float(-5, 5)}, n_trials=20
)
study.optimize(lambda trial: (trial["x"] - 1) ** 2)
print(study.best_params, study.best_value)
"""

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from gradsmith.aio import AsyncClient, AsyncStudy, AsyncTrial
from gradsmith.client import Client
from gradsmith.errors import (
    ApiError,
    Conflict,
    Forbidden,
    GradsmithError,
    InvalidRequest,
    NoCompleteTrial,
    NotFound,
    NoTrial,
    SpaceMismatch,
    StudyFailed,
    TrialPruned,
    Unauthorized,
    Unavailable,
)
from gradsmith.optuna_import import import_optuna
from gradsmith.records import FrozenTrial
from gradsmith.space import Categorical, Constant, Float, Int, Program
from gradsmith.study import Study
from gradsmith.trial import Trial

if not TYPE_CHECKING:  # with it, type checkers would accept every name
    from gradsmith.optuna_names import raise_missing as __getattr__  # noqa: F401

try:
    __version__ = version("gradsmith")
except PackageNotFoundError:  # from the sources, without an installation
    __version__ = "0+unknown"

__all__ = [
    "ApiError",
    "AsyncClient",
    "AsyncStudy",
    "AsyncTrial",
    "Categorical",
    "Client",
    "Conflict",
    "Constant",
    "Float",
    "Forbidden",
    "FrozenTrial",
    "GradsmithError",
    "Int",
    "InvalidRequest",
    "NoCompleteTrial",
    "NoTrial",
    "NotFound",
    "Program",
    "SpaceMismatch",
    "Study",
    "StudyFailed",
    "Trial",
    "TrialPruned",
    "Unauthorized",
    "Unavailable",
    "__version__",
    "import_optuna",
]
