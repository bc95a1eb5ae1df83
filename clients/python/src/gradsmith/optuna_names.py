"""Names of Optuna that this package does not have. Each raises an error that names what to use instead."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_METRICS = "use trial.metrics[name] = number, which takes numbers only"
_MEASURED = "use trial.metrics, which has numbers only"
_LABELS = "use labels={name: text} of client.study, or study.edit(labels=..., notes=...)"
_READ_LABELS = 'use study.spec["labels"] or study.notes'
_KNOWN = "use known= of client.study, or gradsmith.import_optuna"
_STUDY = "use gradsmith.Client(url).study(name, space, n_trials=...), which creates a study or loads the existing one"
_LIST = "use the list of jobs in the dashboard"

#: Members of a trial in an objective.
TRIAL_NAMES = {
    "suggest_uniform": "use trial.suggest_float(name, low, high)",
    "suggest_loguniform": "use trial.suggest_float(name, low, high, log=True)",
    "suggest_discrete_uniform": "use trial.suggest_float(name, low, high, step=q)",
    "set_user_attr": _METRICS,
    "set_system_attr": _METRICS,
    "user_attrs": _MEASURED,
    "system_attrs": _MEASURED,
    "distributions": "use study.space",
    "relative_params": "use trial.params",
    "datetime_start": "use study.get_trial(trial.number).datetime_start",
    "study": "use the study whose optimize or ask gave the trial",
}
#: Members of a trial that was read.
FROZEN_TRIAL_NAMES = {
    **dict.fromkeys(("suggest_float", "suggest_int", "suggest_categorical"), "use trial.params[name]"),
    **dict.fromkeys(("suggest_uniform", "suggest_loguniform", "suggest_discrete_uniform"), "use trial.params[name]"),
    **dict.fromkeys(("report", "should_prune"), "they belong to the trial that an objective gets"),
    **dict.fromkeys(("set_user_attr", "set_system_attr"), "results do not change; use trial.metrics in the objective"),
    "user_attrs": _MEASURED,
    "system_attrs": _MEASURED,
    "distributions": "use study.space",
    "values": "use trial.value, and with several objectives trial.metrics for the others",
    "last_step": "use max(study.get_trial(trial.number).intermediate_values)",
}
#: Members of a study.
STUDY_NAMES = {
    "study_name": "use study.name",
    "set_user_attr": _LABELS,
    "set_system_attr": _LABELS,
    "user_attrs": _READ_LABELS,
    "system_attrs": _READ_LABELS,
    "sampler": 'use algorithm= of client.study, and study.spec["search"]["algorithm"] to read it',
    "pruner": 'use pruning= of client.study, and study.spec["search"]["pruning"] to read it',
    "directions": 'use study.direction, and with several objectives study.spec["objectives"]',
    "metric_names": "use metric= and objectives= of client.study",
    "set_metric_names": "use metric= and objectives= of client.study",
    "add_trial": _KNOWN,
    "add_trials": _KNOWN,
}
#: Members of the package.
PACKAGE_NAMES = {
    "create_study": _STUDY,
    "load_study": "use gradsmith.Client(url).study(name)",
    "delete_study": "use gradsmith.Client(url).study(name).delete()",
    "copy_study": _KNOWN,
    "create_trial": _KNOWN,
    "get_all_study_names": _LIST,
    "get_all_study_summaries": _LIST,
    "samplers": "use algorithm=, seed= and initial= of client.study",
    "pruners": "use pruning= of client.study",
    "storages": "use gradsmith.Client(url): the service stores studies",
    "distributions": "use gradsmith.Float, Int and Categorical",
    "exceptions": "use gradsmith.TrialPruned, and the subclasses of gradsmith.GradsmithError",
    "importance": "use study.get_param_importances()",
    "visualization": "use study.url, or a study at the end of a notebook's cell",
    "logging": 'use logging.getLogger("gradsmith")',
    "TrialState": 'states are text, such as "complete", "pruned" and "failed"',
}

#: Arguments of `Client.study`, `Study.optimize` and other calls.
CREATE_ARGUMENTS = {
    "study_name": "the name is the first argument",
    "storage": "give the address of the service to Client",
    "load_if_exists": "leave it out: a study that exists is loaded",
    "sampler": 'use algorithm="tpe", seed= and initial=',
    "pruner": 'use pruning="median"',
    "directions": 'use objectives=[{"metric": "loss", "goal": "minimize"}, ...]',
}
OPTIMIZE_ARGUMENTS = {
    "show_progress_bar": "leave it out: study.url shows the progress, and the log gradsmith has a line for each trial",
    "gc_after_trial": "leave it out, or call gc.collect() in a callback",
}
ASK_ARGUMENTS = {"fixed_distributions": "give the space to client.study"}
TELL_ARGUMENTS = {
    "values": "use value=, with several objectives a value for each",
    "skip_if_finished": "leave it out: a result that is sent again does no harm",
}
ENQUEUE_ARGUMENTS = {"user_attrs": "leave it out: trials have numbers only, in trial.metrics"}
TABLE_ARGUMENTS = {"multi_index": "leave it out: columns are named such as params_lr"}


class ExplainsNames:
    """Answers names of Optuna that a class does not have with an error that names what to use instead."""

    _replacements: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:  # with it, type checkers would accept every name

        def __getattr__(self, name: str) -> Any:
            if name not in self._replacements:
                return object.__getattribute__(self, name)  # raises the usual error, or that of a property
            raise AttributeError(_explain(type(self).__name__, name, self._replacements))


def raise_missing(name: str) -> Any:
    """Raise the error for a name that the package does not have."""
    if name in PACKAGE_NAMES:
        raise AttributeError(_explain("gradsmith", name, PACKAGE_NAMES))
    raise AttributeError(f"module 'gradsmith' has no attribute {name!r}")


def explain_arguments(replacements: Mapping[str, str]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator: arguments of Optuna that the function does not have raise a TypeError with a replacement."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            for name in kwargs:
                if name in replacements:
                    raise TypeError(_explain(f"{function.__name__}()", name, replacements, "argument "))
            return function(*args, **kwargs)

        # Mocks and frameworks ask whether a function is a coroutine function. From Python 3.12 on, it can say so.
        mark = getattr(inspect, "markcoroutinefunction", None)
        return cast(Any, mark)(call) if mark and inspect.iscoroutinefunction(function) else call

    return decorate


def _explain(owner: str, name: str, replacements: Mapping[str, str], kind: str = "") -> str:
    return f"{owner} has no {kind}{name!r} as Optuna has; {replacements[name]}"
