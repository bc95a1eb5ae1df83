"""Scripts that were written for Optuna: names that are accepted, and errors that name what to use instead."""

import copy
import pickle
import unittest
from enum import IntEnum
from types import SimpleNamespace

import gradsmith
from gradsmith import optuna_names
from gradsmith.records import FrozenTrial
from support import AsyncServiceTest, ServiceTest

TrialState = IntEnum("TrialState", "RUNNING COMPLETE PRUNED FAIL WAITING", start=0)


class OptunaTrialPruned(Exception):
    """Stands for `optuna.TrialPruned`."""


OptunaTrialPruned.__name__ = "TrialPruned"
OptunaTrialPruned.__module__ = "optuna.exceptions"


def make_trial(kind=gradsmith.Trial):
    """Return a trial without a service."""
    return kind(SimpleNamespace(asked={"number": 0, "seed": 1, "point": {"x": 0.5}}), {"x": gradsmith.Float(0, 1)})


def make_study():
    """Return a study without a service."""
    return gradsmith.Study(SimpleNamespace(url=""), {"id": "job_1", "spec": {"name": "a", "space": {}}})


def make_frozen_trial():
    """Return a trial as it is read."""
    return FrozenTrial(0, "complete", 0.5, {"x": 0.5}, {}, None, 1, None, None)


class NamesTest(unittest.TestCase):
    def test_each_name_that_is_missing_is_answered_with_a_replacement(self):
        owners = (
            (make_trial(), optuna_names.TRIAL_NAMES),
            (make_trial(gradsmith.AsyncTrial), optuna_names.TRIAL_NAMES),
            (make_frozen_trial(), optuna_names.FROZEN_TRIAL_NAMES),
            (make_study(), optuna_names.STUDY_NAMES),
            (gradsmith.AsyncStudy(make_study()), optuna_names.STUDY_NAMES),
            (gradsmith, optuna_names.PACKAGE_NAMES),
        )
        for owner, names in owners:
            for name, replacement in names.items():
                with self.subTest(owner=owner, name=name):
                    self.assertFalse(hasattr(owner, name))
                    with self.assertRaises(AttributeError) as raised:
                        getattr(owner, name)
                    self.assertIn(f"has no {name!r} as Optuna has; {replacement}", str(raised.exception))

    def test_names_the_metrics_for_attributes(self):
        with self.assertRaisesRegex(AttributeError, r"use trial.metrics\[name\] = number, which takes numbers only"):
            make_trial().set_user_attr("device", "cpu")
        with self.assertRaisesRegex(AttributeError, r"gradsmith has no 'create_study' .*Client\(url\).study"):
            gradsmith.create_study()

    def test_other_names_are_answered_as_usual(self):
        for owner in (make_trial(), make_frozen_trial(), make_study(), gradsmith):
            with self.assertRaisesRegex(AttributeError, "has no attribute 'nmber'"):
                _ = owner.nmber
        trial = make_frozen_trial()
        self.assertEqual(copy.deepcopy(trial), trial)
        self.assertEqual(pickle.loads(pickle.dumps(trial)), trial)

    def test_an_error_within_a_property_is_not_hidden(self):
        class Broken(gradsmith.Study):
            @property
            def broken(self):
                return None.missing

        study = Broken(SimpleNamespace(url=""), {"id": "job_1", "spec": {"name": "a", "space": {}}})
        with self.assertRaisesRegex(AttributeError, "'NoneType' object has no attribute 'missing'"):
            _ = study.broken

    def test_each_argument_that_is_missing_is_answered_with_a_replacement(self):
        study, asynchronous = make_study(), gradsmith.AsyncStudy(make_study())
        calls = (
            (gradsmith.Client("http://localhost:1").study, optuna_names.CREATE_ARGUMENTS),
            (study.optimize, optuna_names.OPTIMIZE_ARGUMENTS),
            (study.ask, optuna_names.ASK_ARGUMENTS),
            (study.tell, optuna_names.TELL_ARGUMENTS),
            (study.enqueue_trial, optuna_names.ENQUEUE_ARGUMENTS),
            (study.trials_dataframe, optuna_names.TABLE_ARGUMENTS),
            (asynchronous.optimize, optuna_names.OPTIMIZE_ARGUMENTS),
            (asynchronous.ask, optuna_names.ASK_ARGUMENTS),
            (asynchronous.tell, optuna_names.TELL_ARGUMENTS),
        )
        for call, arguments in calls:
            for name, replacement in arguments.items():
                with self.subTest(call=call, name=name), self.assertRaises(TypeError) as raised:
                    call(**{name: None})
                self.assertIn(f"() has no argument {name!r} as Optuna has; {replacement}", str(raised.exception))


class ObjectiveTest(ServiceTest):
    def test_the_pruning_of_optuna_prunes_a_trial(self):
        study = self.create_study(2)

        def objective(trial):
            trial.report(0.25, step=1)
            raise OptunaTrialPruned

        study.optimize(objective, n_trials=1)
        study.optimize(objective, catch=Exception)
        self.assertEqual([(trial.state, trial.value) for trial in study.trials], [("pruned", 0.25)] * 2)

    def test_the_pruning_of_another_module_is_an_error(self):
        study = self.create_study(1)
        other = type("TrialPruned", (Exception,), {"__module__": "optunalike"})
        with self.assertRaises(other):
            study.optimize(lambda _: (_ for _ in ()).throw(other))
        self.assertEqual(study.status()["lastError"]["reason"], "TrialPruned")

    def test_reads_trials_as_optuna_does(self):
        study = self.create_study(4)

        def objective(trial):
            if trial.number == 1:
                raise ValueError("no memory")
            return trial["x"]

        with self.assertLogs("gradsmith", "WARNING"):
            study.optimize(objective, n_trials=3, catch=ValueError)

        def list_states(*state, **arguments):
            return [trial.state for trial in study.get_trials(*state, **arguments)]

        self.assertEqual(list_states(deepcopy=False, states=(TrialState.COMPLETE,)), ["complete", "complete"])
        self.assertEqual(list_states(states=[TrialState.FAIL, "complete"]), ["complete", "failed", "complete"])
        self.assertEqual(list_states(TrialState.FAIL), ["failed"])
        self.assertEqual(list_states(states=[]), [])
        for wrong in (True, "COMPLETED", 3):
            with self.assertRaisesRegex(ValueError, f"the state is {wrong!r}; it must be one of pending, running"):
                study.get_trials(wrong)


class AsyncObjectiveTest(AsyncServiceTest, unittest.IsolatedAsyncioTestCase):
    async def test_the_pruning_of_optuna_prunes_a_trial(self):
        study = await self.open(1)

        async def objective(trial):
            await trial.report(0.25, step=1)
            raise OptunaTrialPruned

        await study.optimize(objective)
        self.assertEqual([(trial.state, trial.value) for trial in await study.trials()], [("pruned", 0.25)])
        self.assertEqual(len(await study.get_trials(states=[TrialState.PRUNED])), 1)
